"""Which kinds of column do all tables share?

SQLModel's tables do not validate: rows are made by our own code only, never from a
request's fields (ASVS 15.3.3).
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from statuspage.database import Utc


def moment(*, index: bool = False, primary_key: bool = False) -> Any:
    """A time that must be there."""
    return Field(sa_type=Utc, nullable=False, index=index, primary_key=primary_key)


def moment_or_none(*, index: bool = False) -> Any:
    """A time that may not have come."""
    return Field(default=None, sa_type=Utc, nullable=True, index=index)


def data(default: Any = dict) -> Any:
    """A JSON value; ``default`` makes an empty one."""
    return Field(default_factory=default, sa_type=sa.JSON, nullable=False)


def parent(column: str, *, index: bool = True, primary_key: bool = False) -> Any:
    """A reference to another table's row, e.g. ``incidents.id``."""
    return Field(foreign_key=column, index=index, primary_key=primary_key, nullable=False)
