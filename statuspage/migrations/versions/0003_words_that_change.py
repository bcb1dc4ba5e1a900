"""Words can be removed for good."""

import sqlalchemy as sa
from alembic import op

from statuspage.database import Utc

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("house") as table:
        table.add_column(sa.Column("not_before", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("updates") as table:
        table.add_column(sa.Column("erased_at", Utc(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("updates") as table:
        table.drop_column("erased_at")
    with op.batch_alter_table("house") as table:
        table.drop_column("not_before")
