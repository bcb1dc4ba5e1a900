"""Words can be removed for good, corrected, and warm."""

import sqlalchemy as sa
from alembic import op

from statuspage.database import Utc

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("house") as table:
        table.add_column(sa.Column("not_before", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("updates") as table:
        table.add_column(sa.Column("erased_at", Utc(), nullable=True))
        table.add_column(sa.Column("corrects", sa.Integer(), nullable=True))
        table.add_column(sa.Column("tone", sa.String(), nullable=False, server_default="plain"))
    with op.batch_alter_table("announcements") as table:
        table.add_column(sa.Column("only_told_of", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("announcements") as table:
        table.drop_column("only_told_of")
    with op.batch_alter_table("updates") as table:
        for column in ("erased_at", "corrects", "tone"):
            table.drop_column(column)
    with op.batch_alter_table("house") as table:
        table.drop_column("not_before")
