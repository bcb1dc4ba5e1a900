"""Does a MySQL or MariaDB server let us in and answer a query?

aiomysql's own ``connect_timeout`` ends with the TCP connection: a server that accepts and
says nothing would hold it for ever. The look's deadline covers all of it, and what is left
of a connection then is closed here, which aiomysql does not do when it is cancelled.
"""

from __future__ import annotations

import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any, ClassVar

import aiomysql
from pydantic import AfterValidator, SecretStr
from pymysql import err
from pymysql.constants import CR, ER

from checks.faults import Failure, explain
from checks.line import Line
from checks.places import Dsn, read_dsn
from checks.probe import Probe, answered
from checks.queries import Query, compare, query_limit
from checks.result import Fault, Result

PORTS = {"mysql": 3306, "mariadb": 3306}
OPTIONS = frozenset({"tls"})
TLS_MODES = ("prefer", "never", "require", "verify")
NOT_ADMITTED = 1130  # ER_HOST_NOT_PRIVILEGED, which pymysql does not name
BLOCKED = 1129  # ER_HOST_IS_BLOCKED
REFUSED = frozenset({ER.ACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR, NOT_ADMITTED})
NOT_READY = {
    ER.CON_COUNT_ERROR: "The server has too many connections.",
    ER.SERVER_SHUTDOWN: "The server is shutting down.",
    ER.USER_LIMIT_REACHED: "The login has too many connections.",
    BLOCKED: "The server blocks us after too many broken connections.",
}
LOST = frozenset({CR.CR_SERVER_LOST, CR.CR_SERVER_GONE_ERROR})
NAMES = {code: name for name, code in vars(ER).items() if isinstance(code, int)}


def _connection_string(dsn: SecretStr) -> SecretStr:
    if read_dsn(dsn, PORTS, OPTIONS).option("tls", "prefer") not in TLS_MODES:
        raise ValueError(f"the option tls may be {', '.join(TLS_MODES)}")
    return dsn


class Mysql(Probe):
    """Connects anew, runs a query; ``expect`` is compared as Python would print the value.

    The connection string's ``?tls=`` is as the mysql client's: "prefer" (encrypted where
    the server can, the default), "never", "require", or "verify" (its certificate too).
    """

    kind: ClassVar[str] = "mysql"

    dsn: Annotated[SecretStr, AfterValidator(_connection_string)]
    query: Query = "SELECT 1"
    expect: str | None = None
    read_only_is_down: bool = False

    async def look(self, line: Line) -> Result:
        dsn = read_dsn(self.dsn, PORTS, OPTIONS)
        try:
            async with _connected(dsn, line) as connection:
                if self.read_only_is_down:
                    await _refuse_read_only(connection)
                compare(await _first_value(connection, self.query), self.expect)
        except err.MySQLError as error:
            raise _named(error, line) from None
        except (ValueError, IndexError, TypeError, AssertionError, struct.error):
            raise Failure(Fault.PROTOCOL_ERROR, f"{line.place} does not speak MySQL.") from None
        return answered(line, "The query was answered.")


@asynccontextmanager
async def _connected(dsn: Dsn, line: Line) -> AsyncIterator[_Connection]:
    connection = await _first_to_accept(dsn, line)
    try:
        if dsn.option("tls", "prefer") in ("require", "verify") and not connection.is_secure:
            raise Failure(Fault.TLS, "TLS: the server does not offer it.")
        await connection.limit_queries()
        yield connection
        await connection.ensure_closed()  # who leaves without a word fills the server's log
    finally:
        connection.close()


async def _first_to_accept(dsn: Dsn, line: Line) -> _Connection:
    """Addresses are tried in turn until one accepts, whatever it then says."""
    addresses = await line.resolve(dsn.host, dsn.port)
    for address in addresses[:-1]:
        with suppress(err.OperationalError):
            return await _open(dsn, address, line)
        if line.reached:
            break
    return await _open(dsn, line.address if line.reached else addresses[-1], line)


async def _open(dsn: Dsn, address: str | None, line: Line) -> _Connection:
    line.address = address
    connection = _Connection(dsn, line)
    try:
        await connection.open()
    except BaseException:
        connection.close()
        raise
    return connection


class _Connection(aiomysql.Connection):  # type: ignore[misc]  # aiomysql has no types
    """aiomysql's connection, which tells the line as soon as somebody has accepted it."""

    def __init__(self, dsn: Dsn, line: Line) -> None:
        self.line = line
        super().__init__(
            host=line.address,
            port=dsn.port,
            user=dsn.user,
            password=dsn.password or "",
            db=dsn.name or None,
            ssl=_tls(dsn, line),
            autocommit=None,
            program_name="avviso",
        )

    async def open(self) -> None:
        await self._connect()

    def _set_keep_alive(self) -> None:
        """What aiomysql does first with a TCP connection; the name is what TLS must see."""
        self.line.picked_up()
        self._host = self.line.host
        super()._set_keep_alive()

    def close(self) -> None:
        """At once: a goodbye of TLS that nobody answers would keep the socket for 30 s."""
        if self._writer is not None:
            self._writer.transport.abort()
        super().close()

    @property
    def is_secure(self) -> bool:
        return bool(self._secure)

    async def limit_queries(self) -> None:
        """A query that outlives the look is ended by the server: else they would gather there."""
        seconds = query_limit(self.line.timeout).total_seconds()
        limit = f"max_execution_time = {seconds * 1000:.0f}"
        if "mariadb" in self.server_version.lower():
            limit = f"max_statement_time = {seconds:.3f}"
        with suppress(err.OperationalError, err.InternalError):  # older servers know neither
            await self.query(f"SET SESSION {limit}")


def _tls(dsn: Dsn, line: Line) -> ssl.SSLContext | None:
    mode = dsn.option("tls", "prefer")
    return None if mode == "never" else line.network.tls(verify=mode == "verify")


async def _first_value(connection: _Connection, query: str) -> str | None:
    """The first column of the first row, as text; rows that follow are never fetched."""
    cursor = aiomysql.SSCursor(connection)
    await cursor.execute(query)
    row: tuple[Any, ...] | None = await cursor.fetchone() if cursor.description else None
    if not row or row[0] is None:
        return None
    return row[0].decode(errors="replace") if isinstance(row[0], bytes) else str(row[0])


async def _refuse_read_only(connection: _Connection) -> None:
    cursor = await connection.cursor()  # one that reads to the end: another query follows
    await cursor.execute("SELECT @@global.read_only")
    row = await cursor.fetchone()
    if row is not None and str(row[0]) not in ("0", "OFF"):
        raise Failure(Fault.READ_ONLY, "The database is read-only.")


def _named(error: err.MySQLError, line: Line) -> Failure:
    """The failure by the server's number: its own text may quote people and queries."""
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    if code in REFUSED:
        return Failure(Fault.LOGIN_REFUSED, "The server refused the login.")
    if code in NOT_READY:
        return Failure(Fault.NOT_READY, NOT_READY[code])
    if code in LOST:
        return Failure(Fault.CLOSED, f"{line.place} closed the connection without an answer.")
    if code == CR.CR_CONN_HOST_ERROR:
        return explain(error.__cause__ or error, line) or _unreachable(line)
    words = NAMES.get(code, "error").replace("_", " ").lower()
    return Failure(Fault.QUERY_ERROR, f"The query failed: {words} ({code}).")


def _unreachable(line: Line) -> Failure:
    return Failure(Fault.UNREACHABLE, f"{line.place} can't be reached.")
