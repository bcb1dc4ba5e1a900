"""How is one statement given many values?

As one parameter, however many they are: an array on PostgreSQL, a JSON text on SQLite. A
list of parameters would be another statement for each length of it, to be put together,
parsed and planned again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.database import Utc


def among(
    session: AsyncSession, column: sa.ColumnElement[Any], values: Collection[Any]
) -> sa.ColumnElement[bool]:
    """Whether the column holds one of these."""
    if _is_sqlite(session):
        each = sa.func.json_each(json.dumps(list(values))).table_valued("value")
        return column.in_(sa.select(each.c.value))
    array = sa.bindparam(None, list(values), type_=postgresql.ARRAY(column.type))
    return column == sa.any_(array)


def texts(session: AsyncSession, values: Collection[str]) -> sa.FromClause:
    """A table of these as ``value``, in this order."""
    if _is_sqlite(session):
        return sa.func.json_each(json.dumps(list(values))).table_valued("value")
    array = sa.bindparam(None, list(values), type_=postgresql.ARRAY(sa.String))
    return sa.func.unnest(array).table_valued("value").render_derived(name="texts")


def times(
    session: AsyncSession, column: sa.ColumnElement[int], pairs: Iterable[tuple[int, datetime]]
) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[datetime]]:
    """For an UPDATE: whether the column holds one of these ids, and the time that is its id's.

    On PostgreSQL no join: of rows that are fenced (``lease_by = me``) the planner expects one, and
    would go through all the times for each of them.
    """
    given = dict(pairs)
    if _is_sqlite(session):
        times = _times_on_sqlite(session, given).c
        return column == times.id, times.at
    members = ",".join(f'"{id}":"{at.isoformat()}"' for id, at in given.items())
    ats = sa.cast(sa.bindparam(None, f"{{{members}}}", sa.Text), postgresql.JSONB)
    at = sa.cast(ats[sa.cast(column, sa.Text)].astext, Utc)
    return among(session, column, given), at


def _times_on_sqlite(session: AsyncSession, pairs: dict[int, datetime]) -> sa.Subquery:
    dialect = session.get_bind().dialect
    stored = Utc().dialect_impl(dialect).bind_processor(dialect) or str
    given = json.dumps({id: stored(at) for id, at in pairs.items()})
    each = sa.func.json_each(given).table_valued("key", sa.column("value", Utc)).c
    columns = sa.cast(each.key, sa.Integer).label("id"), each.value.label("at")
    return sa.select(*columns).subquery("times")


def _is_sqlite(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"
