"""Does a PostgreSQL server let us in and answer a query?

A query that outlives the look is ended by the server itself: else a sick database would
gather one more with every look.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, ClassVar

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq.abc import PGconn
from pydantic import AfterValidator, SecretStr

from checks.faults import Failure
from checks.libpq import connected, first_value, remaining_results
from checks.line import Line
from checks.probe import Probe, answered
from checks.queries import Query, compare, query_limit
from checks.result import Fault, Result

READ_ONLY = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool"


def _connection_string(dsn: SecretStr) -> SecretStr:
    try:
        parts = conninfo_to_dict(dsn.get_secret_value())
    except psycopg.Error:
        parts = {}
    host = str(parts.get("host") or parts.get("hostaddr") or "")
    if not host or host.startswith("/") or "," in host or not _is_port(parts.get("port")):
        raise ValueError(
            "not a connection string of this kind; allowed is "
            "postgresql://user:password@host:port/name with one host"
        )
    return dsn


def _is_port(port: object) -> bool:
    return port is None or (str(port).isdecimal() and 0 < int(str(port)) < 65536)


class Postgresql(Probe):
    """Connects anew, runs a query; ``expect`` is compared as psql would print the value."""

    kind: ClassVar[str] = "postgresql"

    dsn: Annotated[SecretStr, AfterValidator(_connection_string)]
    query: Query = "SELECT 1"
    expect: str | None = None
    read_only_is_down: bool = False

    async def look(self, line: Line) -> Result:
        async with connected(self.dsn.get_secret_value(), line) as connection:
            if self.read_only_is_down:
                await _refuse_read_only(connection, line)
            # Within a text of several statements, SET LOCAL holds for that text alone: a
            # pooler between us and the server keeps nothing of it.
            limit = query_limit(line.timeout) // timedelta(milliseconds=1)
            query = f"SET LOCAL statement_timeout = {limit}; {self.query}"
            compare(await first_value(connection, query, line), self.expect)
        return answered(line, "The query was answered.")


async def _refuse_read_only(connection: PGconn, line: Line) -> None:
    answer = await first_value(connection, READ_ONLY, line)
    await remaining_results(connection, line)
    if answer == "t":
        raise Failure(Fault.READ_ONLY, "The database is read-only.")
