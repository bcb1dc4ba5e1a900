"""Maintenances, what became of them, and what is told of them."""

import sqlalchemy as sa
from alembic import op

from statuspage.database import Utc

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "maintenances",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("series_id", sa.String(), nullable=False),
        sa.Column("occurs_at", Utc(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("components", sa.JSON(), nullable=False),
        sa.Column("scheduled_for", Utc(), nullable=False),
        sa.Column("scheduled_until", Utc(), nullable=False),
        sa.Column("announced_until", Utc(), nullable=False),
        sa.Column("repeat", sa.JSON(), nullable=True),
        sa.Column("anchor_for", Utc(), nullable=False),
        sa.Column("anchor_until", Utc(), nullable=False),
        sa.Column("notify", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", Utc(), nullable=False),
        sa.Column("told_at", Utc(), nullable=True),
        sa.Column("started_at", Utc(), nullable=True),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("cancelled_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("series_id", "occurs_at"),
    )
    op.create_index(op.f("ix_maintenances_ended_at"), "maintenances", ["ended_at"], unique=False)
    op.create_table(
        "maintenance_steps",
        sa.Column("maintenance_id", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=True),
        sa.Column("scheduled_for", Utc(), nullable=False),
        sa.Column("scheduled_until", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["maintenance_id"], ["maintenances.id"]),
        sa.PrimaryKeyConstraint("maintenance_id", "n"),
    )
    # added in place: a copied table would be dropped, and letters hang on its rows
    op.add_column("announcements", sa.Column("maintenance_id", sa.String(), nullable=True))
    op.create_index(
        op.f("ix_announcements_maintenance_id"), "announcements", ["maintenance_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_announcements_maintenance_id"), table_name="announcements")
    op.drop_column("announcements", "maintenance_id")
    op.drop_table("maintenance_steps")
    op.drop_index(op.f("ix_maintenances_ended_at"), table_name="maintenances")
    op.drop_table("maintenances")
