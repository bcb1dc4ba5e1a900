"""A hundred thousand customers: wishes, hooks, addresses that rest or are erased, slices."""

import sqlalchemy as sa
from alembic import op

from statuspage.database import Utc

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "suppressions",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    _add_to_subscribers()
    with op.batch_alter_table("announcements", schema=None) as batch_op:
        # what was half spread is spread from the beginning: a delivery that is there is unique
        batch_op.drop_column("position")
        batch_op.add_column(sa.Column("slices", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("slices_done", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.add_column(sa.Column("measured", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("counted_at", Utc(), nullable=True))
        batch_op.add_column(sa.Column("measured_at", Utc(), nullable=True))
        batch_op.create_index(
            "announcements_unmeasured",
            ["created_at"],
            sqlite_where=sa.text("measured_at IS NULL AND subscriber_id IS NULL"),
            postgresql_where=sa.text("measured_at IS NULL AND subscriber_id IS NULL"),
        )
        batch_op.create_index("announcements_counted", ["counted_at"])
    _add_to_deliveries()
    with op.batch_alter_table("house", schema=None) as batch_op:
        batch_op.add_column(sa.Column("canary", sa.JSON(), nullable=False, server_default="{}"))


def _add_to_deliveries() -> None:
    if op.get_bind().dialect.name == "postgresql":
        # each row is soon written anew, twice: where its page has room, the claim's version
        # needs no entry in any index
        op.execute("ALTER TABLE deliveries SET (fillfactor = 50)")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("bounced_at", Utc(), nullable=True))
        batch_op.add_column(
            sa.Column("channel", sa.String(), nullable=False, server_default="email")
        )
        batch_op.create_index(
            "deliveries_accepted",
            ["announcement_id", "channel", "accepted_at"],
            sqlite_where=sa.text("accepted_at IS NOT NULL"),
            postgresql_where=sa.text("accepted_at IS NOT NULL"),
        )
        batch_op.create_index(
            "deliveries_back",
            ["announcement_id"],
            sqlite_where=sa.text("bounced_at IS NOT NULL"),
            postgresql_where=sa.text("bounced_at IS NOT NULL"),
        )
        batch_op.drop_index("deliveries_due")
        batch_op.create_index(
            "deliveries_due",
            ["channel", "urgency", "due_at", "id"],
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )


def _add_to_subscribers() -> None:
    with op.batch_alter_table("subscribers", schema=None) as batch_op:
        batch_op.alter_column("address", existing_type=sa.String(), nullable=True)
        batch_op.alter_column("code", existing_type=sa.String(), nullable=True)
        for column in (
            sa.Column("groups", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("least_impact", sa.String(), nullable=False, server_default="none"),
            sa.Column("ends_only", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("only_incident_id", sa.String(), nullable=True),
            sa.Column("mailbox", sa.String(), nullable=True),
            sa.Column("new_address", sa.String(), nullable=True),
            sa.Column("change_asked_at", Utc(), nullable=True),
            sa.Column("to_introduce", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("secret", sa.String(), nullable=True),
            sa.Column("owner", sa.String(), nullable=True),
            sa.Column("failing_since", Utc(), nullable=True),
            sa.Column("hard_bounces", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("bounced_at", Utc(), nullable=True),
            sa.Column("resting_since", Utc(), nullable=True),
            sa.Column("resting_why", sa.String(), nullable=True),
        ):
            batch_op.add_column(column)
        batch_op.create_index(
            "subscribers_only_this_time",
            ["only_incident_id"],
            sqlite_where=sa.text("only_incident_id IS NOT NULL"),
            postgresql_where=sa.text("only_incident_id IS NOT NULL"),
        )
    _keep_one_of_each_mailbox()
    op.create_index("subscribers_mailbox", "subscribers", ["channel", "mailbox"], unique=True)


def _keep_one_of_each_mailbox() -> None:
    """Of rows that differ in capitals alone, the one that left stays, else the one that is told."""
    found = op.get_bind().execute(
        sa.text(
            "SELECT id, channel, address FROM subscribers ORDER BY "
            "CASE state WHEN 'left' THEN 0 WHEN 'active' THEN 1 ELSE 2 END, created_at, id"
        )
    )
    kept: dict[tuple[str, str], str] = {}
    doubled: list[dict[str, str]] = []
    for id, channel, address in found:
        mailbox = address.casefold() if channel == "email" else address
        if kept.setdefault((channel, mailbox), id) != id:
            doubled.append({"id": id})
    named = [{"id": id, "mailbox": mailbox} for (_, mailbox), id in kept.items()]
    _for_each("UPDATE subscribers SET mailbox = :mailbox WHERE id = :id", named)
    _for_each(
        "UPDATE subscribers SET state = 'erased', address = NULL, code = NULL, "
        "confirm_code = NULL, proof = '{}', left_at = coalesce(left_at, created_at) "
        "WHERE id = :id",
        doubled,
    )
    _for_each(
        "UPDATE deliveries SET state = 'withdrawn', reason = 'erased' "
        "WHERE state = 'queued' AND subscriber_id = :id",
        doubled,
    )


def _for_each(statement: str, rows: list[dict[str, str]]) -> None:
    if rows:
        op.get_bind().execute(sa.text(statement), rows)


def downgrade() -> None:
    with op.batch_alter_table("house", schema=None) as batch_op:
        batch_op.drop_column("canary")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index("deliveries_due")
        batch_op.create_index("deliveries_due", ["state", "due_at"])
        batch_op.drop_index("deliveries_back")
        batch_op.drop_index("deliveries_accepted")
        batch_op.drop_column("channel")
        batch_op.drop_column("bounced_at")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE deliveries RESET (fillfactor)")
    with op.batch_alter_table("announcements", schema=None) as batch_op:
        batch_op.drop_index("announcements_counted")
        batch_op.drop_index("announcements_unmeasured")
        batch_op.drop_column("measured_at")
        batch_op.drop_column("counted_at")
        batch_op.drop_column("measured")
        batch_op.drop_column("slices_done")
        batch_op.drop_column("slices")
        batch_op.add_column(sa.Column("position", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("subscribers", schema=None) as batch_op:
        batch_op.drop_index("subscribers_mailbox")
        batch_op.drop_index("subscribers_only_this_time")
        for column in [
            "groups",
            "least_impact",
            "ends_only",
            "only_incident_id",
            "mailbox",
            "new_address",
            "change_asked_at",
            "to_introduce",
            "secret",
            "owner",
            "failing_since",
            "hard_bounces",
            "bounced_at",
            "resting_since",
            "resting_why",
        ]:
            batch_op.drop_column(column)
        batch_op.alter_column("code", existing_type=sa.String(), nullable=False)
        batch_op.alter_column("address", existing_type=sa.String(), nullable=False)
    op.drop_table("suppressions")
