"""Postmortems, and who was told of an incident remembered beyond its letters."""

import sqlalchemy as sa
from alembic import op

from statuspage.database import Utc

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recipients",
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("subscriber_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"]),
        sa.PrimaryKeyConstraint("incident_id", "subscriber_id"),
    )
    with op.batch_alter_table("recipients", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_recipients_subscriber_id"), ["subscriber_id"], unique=False
        )
    with op.batch_alter_table("announcements", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mailed_at", Utc(), nullable=True))
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deliveries_incident_id"))
        batch_op.create_index(
            "deliveries_of_incident", ["incident_id", "subscriber_id"], unique=False
        )
    with op.batch_alter_table("subscribers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_subscribers_state"))
        batch_op.create_index("subscribers_in_state", ["state", "id"], unique=False)
    op.create_table(
        "postmortems",
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("update_n", sa.Integer(), nullable=False),
        sa.Column("credit", sa.JSON(), nullable=False),
        sa.Column("corrected_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id", "update_n"], ["updates.incident_id", "updates.n"]),
        sa.PrimaryKeyConstraint("incident_id", "update_n"),
    )
    op.create_table(
        "postmortem_actions",
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("update_n", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("done_at", Utc(), nullable=True),
        sa.Column("done_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id", "update_n"], ["postmortems.incident_id", "postmortems.update_n"]
        ),
        sa.PrimaryKeyConstraint("incident_id", "update_n", "n"),
    )
    op.create_table(
        "credit_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("subscriber_id", sa.String(), nullable=True),
        sa.Column("bound_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("incident_id", "subscriber_id"),
    )


def downgrade() -> None:
    op.drop_table("credit_codes")
    op.drop_table("postmortem_actions")
    op.drop_table("postmortems")
    with op.batch_alter_table("subscribers", schema=None) as batch_op:
        batch_op.drop_index("subscribers_in_state")
        batch_op.create_index(batch_op.f("ix_subscribers_state"), ["state"], unique=False)
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index("deliveries_of_incident")
        batch_op.create_index(
            batch_op.f("ix_deliveries_incident_id"), ["incident_id"], unique=False
        )
    with op.batch_alter_table("announcements", schema=None) as batch_op:
        batch_op.drop_column("mailed_at")
    with op.batch_alter_table("recipients", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recipients_subscriber_id"))
    op.drop_table("recipients")
