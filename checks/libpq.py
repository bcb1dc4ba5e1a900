"""How is libpq led through a connection and a query, step by step?

Only so is it known, when time runs out, whether anybody had accepted the connection, and
only so does cancelling end at once (psycopg's connection first tries for 5 s to cancel
its query). Texts of the server are never passed on: they quote people and queries.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq.abc import PGconn, PGresult

from checks.faults import Failure
from checks.line import Line
from checks.result import Fault

USUAL_PORT = 5432
# What a server writes before it lets anybody in; libpq gives no code for these, only text.
REFUSALS = (
    ("starting up", Fault.NOT_READY, "The server is starting up."),
    ("shutting down", Fault.NOT_READY, "The server is shutting down."),
    ("recovery mode", Fault.NOT_READY, "The server is recovering after a crash."),
    ("accepting connections", Fault.NOT_READY, "The server does not accept connections yet."),
    ("too many c", Fault.NOT_READY, "The server has too many connections."),
    ("connection slots", Fault.NOT_READY, "The server has too many connections."),
    ("does not support SSL", Fault.TLS, "TLS: the server does not offer it."),
    ("invalid response", Fault.PROTOCOL_ERROR, "The other side does not speak PostgreSQL."),
    ("expected authentication", Fault.PROTOCOL_ERROR, "The other side does not speak PostgreSQL."),
    ("certificate", Fault.TLS, "TLS: the certificate can't be verified."),
    ("SSL error", Fault.TLS, "TLS: the handshake failed."),
    ("FATAL", Fault.LOGIN_REFUSED, "The server refused the login."),
    ("password", Fault.LOGIN_REFUSED, "The server refused the login."),
)


@asynccontextmanager
async def connected(dsn: str, line: Line) -> AsyncIterator[PGconn]:
    """A connection that the server let in, closed at the end; raises ``Failure`` or OSError."""
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
    for words, fault, says in REFUSALS:
        if words in message:
            return Failure(fault, says)
    return Failure(Fault.CLOSED, f"{line.place} closed the connection before the login.")


def _not_reached(message: str, line: Line) -> Failure:
    if "refused" in message:
        return Failure(Fault.REFUSED, f"Connection refused by {line.place}.")
    if "timed out" in message:
        return Failure(Fault.TIMED_OUT, f"{line.place} did not answer.")
    return Failure(Fault.UNREACHABLE, f"{line.place} can't be reached.")


async def first_value(connection: PGconn, query: str, line: Line) -> str | None:
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


async def remaining_results(connection: PGconn, line: Line) -> None:
    """Read to the end, so that another query may be sent."""
    while (result := await _next_result(connection, line)) is not None:
        _raise_error(result)


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
