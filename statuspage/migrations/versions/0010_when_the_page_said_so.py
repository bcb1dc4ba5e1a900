"""Incidents know when the page first showed them."""

import sqlalchemy as sa
from alembic import op

from statuspage.database import Utc

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("shown_at", Utc(), nullable=True))
    # the page follows within seconds; of what is over nothing is claimed that was not measured
    op.execute("UPDATE incidents SET shown_at = created_at WHERE resolved_at IS NULL")


def downgrade() -> None:
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.drop_column("shown_at")
