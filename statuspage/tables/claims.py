"""When does a claim end, by the database's own clock?

Workers' clocks may differ; the database is one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from statuspage.database import Utc


class from_now(FunctionElement[Any]):  # noqa: N801  reads as the SQL function that it is
    """The database's time, so many seconds ahead."""

    type = Utc()
    inherit_cache = True


@compiles(from_now, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    ahead = compiler.process(element.clauses, **options)
    return f"(clock_timestamp() + make_interval(secs => {ahead}))"


@compiles(from_now, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    ahead = compiler.process(element.clauses, **options)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', ({ahead}) || ' seconds')"


def until(length: timedelta) -> from_now:
    """When a claim of this length ends that begins now."""
    return from_now(sa.literal(length.total_seconds(), sa.Float))
