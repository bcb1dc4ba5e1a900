"""History that stays small: looks as they were, and what remains of them by hours and days."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from statuspage.database import Utc

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "looks",
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("slot_at", Utc(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("says", sa.String(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("rolled_up", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["checks.id"]),
        sa.PrimaryKeyConstraint("check_id", "slot_at"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "looks_to_roll_up",
        "looks",
        ["slot_at"],
        sqlite_where=sa.text("rolled_up = 0"),
        postgresql_where=sa.text("NOT rolled_up"),
    )
    op.create_table(
        "figures",
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("begins_at", Utc(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("slow", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("times", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["checks.id"]),
        sa.PrimaryKeyConstraint("check_id", "minutes", "begins_at"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        # an hour's row is written twelve times, a day's 288: where its page has room, the next
        # version needs no entry in the index
        op.execute("ALTER TABLE looks SET (fillfactor = 50)")
        op.execute("ALTER TABLE figures SET (fillfactor = 80)")
    _carry_over()
    op.drop_table("samples")


_FIGURES = sa.table("figures", sa.column("minutes"), sa.column("begins_at", Utc()))
_COARSER = {  # when the hour or the day began, and which part of it a row is
    60: {
        "sqlite": (
            "substr(begins_at, 1, 13) || ':00:00.000000'",
            "1 << CAST(substr(begins_at, 15, 2) AS INTEGER) / 5",
        ),
        "postgresql": (
            "date_trunc('hour', begins_at, 'UTC')",
            "1 << CAST(extract(minute FROM begins_at AT TIME ZONE 'UTC') AS INTEGER) / 5",
        ),
    },
    1440: {
        "sqlite": (
            "substr(begins_at, 1, 10) || ' 00:00:00.000000'",
            "1 << CAST(substr(begins_at, 12, 2) AS INTEGER)",
        ),
        "postgresql": (
            "date_trunc('day', begins_at, 'UTC')",
            "1 << CAST(extract(hour FROM begins_at AT TIME ZONE 'UTC') AS INTEGER)",
        ),
    },
}


def _carry_over() -> None:
    """How often it was asked and how it went: of what was known of a time nothing is forgotten,
    and of five minutes so much as is kept. How fast the answers were is dropped: of a sum and a
    longest no percentile can be told.
    """
    nothing = "x''" if op.get_bind().dialect.name == "sqlite" else "''::bytea"
    into = "INSERT INTO figures (check_id, minutes, begins_at, asked, failed, slow, seen, times) SELECT"
    op.execute(
        f"{into} check_id, 5, slot_at, asked, failed, slow, 1, {nothing}"
        " FROM samples WHERE asked > 0"
    )
    for minutes, finer in ((60, 5), (1440, 60)):
        begins, bit = _COARSER[minutes][op.get_bind().dialect.name]
        op.execute(
            f"{into} check_id, {minutes}, {begins}, sum(asked), sum(failed), sum(slow), sum({bit}),"
            f" {nothing} FROM figures WHERE minutes = {finer} GROUP BY check_id, {begins}"
        )
    newest = op.get_bind().scalar(sa.select(sa.func.max(_FIGURES.c.begins_at)))
    if newest is not None:
        op.execute(
            sa.delete(_FIGURES).where(
                _FIGURES.c.minutes == 5, _FIGURES.c.begins_at < newest - timedelta(days=8)
            )
        )


def downgrade() -> None:
    op.create_table(
        "samples",
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("slot_at", Utc(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("slow", sa.Integer(), nullable=False),
        sa.Column("latency_sum_ms", sa.Float(), nullable=False),
        sa.Column("latency_max_ms", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["checks.id"]),
        sa.PrimaryKeyConstraint("check_id", "slot_at"),
    )
    op.execute(
        "INSERT INTO samples SELECT check_id, begins_at, asked, failed, slow, 0, 0"
        " FROM figures WHERE minutes = 5"
    )
    op.drop_table("figures")
    op.drop_table("looks")
