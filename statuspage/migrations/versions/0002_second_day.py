"""What an incident that began again, and a connection that is cut, must have remembered."""

import sqlalchemy as sa
from alembic import op

from statuspage.database import Utc

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("house", schema=None) as batch_op:
        batch_op.add_column(sa.Column("blind_since", Utc(), nullable=True))
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("again_at", Utc(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.drop_column("again_at")
    with op.batch_alter_table("house", schema=None) as batch_op:
        batch_op.drop_column("blind_since")
