"""What is kept of what the checks saw?

So many rows a check and day, whatever its interval. ``looks`` are as they were, those of five
minutes packed in a row; ``figures`` what remains of them, of five minutes, of an hour, of a day
(all by UTC). How long each is kept stands in ``[retention]``.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from statuspage.tables.columns import moment, parent

FIVE_MINUTES, HOUR, DAY = 5, 60, 24 * 60
"""The values of ``Figures.minutes``."""
_NO_ROWID = {"sqlite_with_rowid": False}
"""The rows lie in the order of their key: it is kept once, and a check's past in one place."""


class Looks(SQLModel, table=True):
    """The looks of a check that ended in five minutes; ``rules.looks`` reads ``packed``."""

    __tablename__ = "looks"
    __table_args__ = (
        sa.Index(
            "looks_to_roll_up",
            "slot_at",
            sqlite_where=sa.text("rolled_up = 0"),
            postgresql_where=sa.text("NOT rolled_up"),
        ),
        _NO_ROWID,
    )

    check_id: str = parent("checks.id", primary_key=True, index=False)
    slot_at: datetime = moment(primary_key=True)
    asked: int
    failed: int = 0
    says: str = ""
    """The last failure in a sentence, for operators only."""
    packed: bytes
    rolled_up: bool = Field(default=False)
    """All looks of the row are in the figures; one that comes late makes it false again."""


class Figures(SQLModel, table=True):
    """``seen``: in which parts there was a look, a bit each: of an hour its twelve five minutes,
    of a day its hours; ``times``: how long the answers took (``rules.tally``).
    """

    __tablename__ = "figures"
    __table_args__ = (_NO_ROWID,)

    check_id: str = parent("checks.id", primary_key=True, index=False)
    minutes: int = Field(primary_key=True)
    begins_at: datetime = moment(primary_key=True)
    asked: int
    failed: int
    slow: int
    seen: int
    times: bytes
