"""A letter may wait for a second reader."""

import sqlalchemy as sa
from alembic import op

from statuspage.database import Utc

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("announcements", schema=None) as batch_op:
        batch_op.add_column(sa.Column("author", sa.String(), nullable=True))
        batch_op.add_column(
            sa.Column("reader_wanted", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("approved_at", Utc(), nullable=True))
        batch_op.add_column(sa.Column("approved_by", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("announcements", schema=None) as batch_op:
        for column in ("approved_by", "approved_at", "reader_wanted", "author"):
            batch_op.drop_column(column)
