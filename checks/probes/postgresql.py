"""Does a PostgreSQL server let us in and answer a query?

libpq is driven step by step: only so is it known, when time runs out, whether anybody had
accepted the connection, and only so does cancelling end at once (psycopg's connection
first tries for 5 s to cancel the query). A query that outlives the look is ended by the
server itself, or a sick database would gather one more with every look.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated, ClassVar

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq.abc import PGconn, PGresult
from pydantic import AfterValidator, SecretStr

from checks.faults import Failure
from checks.line import Line
from checks.probe import Probe, answered
from checks.queries import Query, compare
from checks.result import Fault, Result

USUAL_PORT = 5432
READ_ONLY = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool"
# What a server writes before it lets anybody in; libpq gives no code for these, only text.
NOT_READY = (
    ("starting up", "The server is starting up."),
    ("shutting down", "The server is shutting down."),
    ("recovery mode", "The server is recovering after a crash."),
    ("not yet accepting connections", "The server does not accept connections yet."),
    ("not accepting connections", "The server does not accept connections."),
    ("too many clients", "The server has too many connections."),
    ("too many connections", "The server has too many connections."),
    ("connection slots", "The server has too many connections."),
)


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
        async with _connected(self.dsn.get_secret_value(), line) as connection:
            if self.read_only_is_down:
                await _refuse_read_only(connection, line)
            # Within a text of several statements, SET LOCAL holds for that text alone: a
            # pooler between us and the server keeps nothing of it.
            limit = int(line.timeout / timedelta(milliseconds=1)) + 1
            query = f"SET LOCAL statement_timeout = {limit}; {self.query}"
            compare(await _first_value(connection, query, line), self.expect)
        return answered(line, "The query was answered.")


@asynccontextmanager
async def _connected(dsn: str, line: Line) -> AsyncIterator[PGconn]:
    conninfo = await _resolved(dsn, line)
    connection = pq.PGconn.connect_start(conninfo.encode())
    try:
        await _let_in(connection, line)
        connection.nonblocking = 1
        yield connection
    finally:
        connection.finish()


async def _resolved(dsn: str, line: Line) -> str:
    """With addresses in place of names: libpq would look them up while the loop stands still.

    Each address becomes a host of its own, so that libpq tries them in turn; the name stays
    beside it, for TLS and for the password file.
    """
    parts = conninfo_to_dict(dsn)
    host = str(parts.get("host") or parts["hostaddr"])
    port = int(str(parts.get("port") or USUAL_PORT))
    addresses = await line.resolve(str(parts.get("hostaddr") or host), port)
    parts["hostaddr"] = ",".join(addresses)
    parts["host"] = ",".join([host] * len(addresses))
    parts["port"] = ",".join([str(port)] * len(addresses))
    parts.setdefault("gssencmode", "disable")  # else a Kerberos library is asked, and may block
    parts.setdefault("application_name", "avviso")
    return make_conninfo("", **parts)


async def _let_in(connection: PGconn, line: Line) -> None:
    """Take libpq through its handshake; the first poll comes when the socket is writable."""
    state = pq.PollingStatus.WRITING
    while state != pq.PollingStatus.OK:
        if connection.status == pq.ConnStatus.BAD or state == pq.PollingStatus.FAILED:
            raise _refusal(connection.get_error_message("utf-8"), line)
        await _ready(connection.socket, writing=state == pq.PollingStatus.WRITING)
        state = pq.PollingStatus(connection.connect_poll())
        if state == pq.PollingStatus.READING:  # we spoke and await a word: somebody is there
            line.picked_up(connection.hostaddr.decode() or None)


def _refusal(message: str, line: Line) -> Failure:
    if not line.reached:
        return _not_reached(message, line)
    for words, says in NOT_READY:
        if words in message:
            return Failure(Fault.NOT_READY, says)
    if "database" in message and "does not exist" in message:
        return Failure(Fault.LOGIN_REFUSED, "The server has no database of that name.")
    if "invalid response" in message or "expected authentication" in message:
        return Failure(Fault.PROTOCOL_ERROR, f"{line.place} does not speak PostgreSQL.")
    if "certificate" in message or "SSL" in message:
        return Failure(Fault.TLS, "TLS: the server and the settings do not agree.")
    if "FATAL" in message or "password" in message:
        return Failure(Fault.LOGIN_REFUSED, "The server refused the login.")
    return Failure(Fault.CLOSED, f"{line.place} closed the connection before the login.")


def _not_reached(message: str, line: Line) -> Failure:
    if "refused" in message:
        return Failure(Fault.REFUSED, f"Connection refused by {line.place}.")
    if "timed out" in message:
        return Failure(Fault.TIMED_OUT, f"{line.place} did not answer.")
    return Failure(Fault.UNREACHABLE, f"{line.place} can't be reached.")


async def _refuse_read_only(connection: PGconn, line: Line) -> None:
    answer = await _first_value(connection, READ_ONLY, line)
    while await _next_result(connection, line) is not None:
        pass
    if answer == "t":
        raise Failure(Fault.READ_ONLY, "The database is read-only.")


async def _first_value(connection: PGconn, query: str, line: Line) -> str | None:
    """The first column of the first row, as text; None for no row or NULL. The rest is left."""
    connection.send_query(query.encode())
    connection.set_single_row_mode()
    while connection.flush():
        await _ready(connection.socket, writing=True)
    while (result := await _next_result(connection, line)) is not None:
        _raise_error(result)
        if result.status == pq.ExecStatus.SINGLE_TUPLE:
            found = result.get_value(0, 0) if result.nfields else None
            return found.decode(errors="replace") if found is not None else None
    return None


async def _next_result(connection: PGconn, line: Line) -> PGresult | None:
    while connection.is_busy():
        await _ready(connection.socket, writing=False)
        try:
            connection.consume_input()
        except psycopg.OperationalError:
            says = f"{line.place} closed the connection during the query."
            raise Failure(Fault.CLOSED, says) from None
    return connection.get_result()


def _raise_error(result: PGresult) -> None:
    if result.status != pq.ExecStatus.FATAL_ERROR:
        return
    state = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()
    if state in ("57P01", "57P02", "57P03"):
        raise Failure(Fault.NOT_READY, "The server is shutting down.")
    raise Failure(Fault.QUERY_ERROR, f"The query failed: {_named(state)}.")


def _named(state: str) -> str:
    """``undefined table (42P01)``: the server's own text may quote people and queries."""
    try:
        name = psycopg.errors.lookup(state).__name__
    except KeyError:
        return f"error {state}" if state else "the server gave no reason"
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return f"{words.strip()} ({state})"


async def _ready(fileno: int, *, writing: bool) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    watch: Callable[..., object] = loop.add_writer if writing else loop.add_reader
    ignore: Callable[[int], object] = loop.remove_writer if writing else loop.remove_reader
    watch(fileno, lambda: None if ready.done() else ready.set_result(None))
    try:
        await ready
    finally:
        ignore(fileno)
