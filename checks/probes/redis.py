"""Does a Redis or Valkey server let us in and carry out a command?

The client's connection is used without its client and pool, and never tries again by
itself: three tries in one look would hide two failures.
"""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, ClassVar

from pydantic import AfterValidator, SecretStr
from redis import exceptions
from redis.asyncio.connection import Connection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from checks.faults import Failure, explain
from checks.line import Line
from checks.places import Dsn, read_dsn
from checks.probe import Probe, answered
from checks.queries import Query
from checks.result import Fault, Result

PORTS = {"redis": 6379, "rediss": 6379, "valkey": 6379, "valkeys": 6379}
SECURE = ("rediss", "valkeys")
LOGIN = ("NOAUTH", "WRONGPASS", "NOPERM")
NOT_READY = {
    "LOADING": "The server is loading its data.",
    "MASTERDOWN": "The server has lost its primary.",
    "CLUSTERDOWN": "The cluster is down.",
    "BUSY": "The server is busy with a script.",
}


def _connection_string(dsn: SecretStr) -> SecretStr:
    name = read_dsn(dsn, PORTS, frozenset()).name
    if name and not name.isdecimal():
        raise ValueError("the database is a number; allowed is redis://user:password@host:port/0")
    return dsn


def _command(command: str) -> str:
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if not words:
        raise ValueError("not a command; quotes must be closed")
    return command


class Redis(Probe):
    """Connects anew, sends one command; ``rediss://`` is TLS with a verified certificate."""

    kind: ClassVar[str] = "redis"

    dsn: Annotated[SecretStr, AfterValidator(_connection_string)]
    command: Annotated[Query, AfterValidator(_command)] = "PING"

    async def look(self, line: Line) -> Result:
        dsn = read_dsn(self.dsn, PORTS, frozenset())
        try:
            async with _connected(dsn, line) as connection:
                await connection.send_command(*shlex.split(self.command))
                await connection.read_response()
        except exceptions.RedisError as error:
            raise _named(error, line) from None
        except ValueError:  # a line that never ends, or text where bytes are due
            raise Failure(Fault.PROTOCOL_ERROR, f"{line.place} does not speak Redis.") from None
        return answered(line, "The command was answered.")


@asynccontextmanager
async def _connected(dsn: Dsn, line: Line) -> AsyncIterator[Connection]:
    connection = _Dialled(dsn, line)
    try:
        await connection.connect()  # type: ignore[no-untyped-call]
        yield connection
    finally:
        await connection.disconnect(nowait=True)


class _Dialled(Connection):
    """The client's connection over a socket of the line's, so that the line knows who accepted."""

    def __init__(self, dsn: Dsn, line: Line) -> None:
        self._dsn = dsn
        self._line = line
        super().__init__(
            host=dsn.host,
            port=dsn.port,
            db=int(dsn.name or 0),
            username=dsn.user,
            password=dsn.password,
            protocol=2,  # 3 begins with a command that servers before 6.0 refuse
            driver_info=None,
            retry=Retry(NoBackoff(), 0),
        )

    async def _connect(self) -> None:
        tls = self._line.network.verifying if self._dsn.scheme in SECURE else None
        self._reader, self._writer = await self._line.connect(self.host, self.port, tls)


def _named(error: exceptions.RedisError, line: Line) -> Failure:
    """The failure by the answer's first word: the rest may quote users and the command."""
    word = error.status_code or str(error).partition(" ")[0]
    if word in LOGIN or isinstance(error, exceptions.AuthenticationError):
        return Failure(Fault.LOGIN_REFUSED, "The server refused the login.")
    if word in NOT_READY:
        return Failure(Fault.NOT_READY, NOT_READY[word])
    if word == "READONLY":
        return Failure(Fault.READ_ONLY, "The database is read-only.")
    if isinstance(error, exceptions.ConnectionError | exceptions.TimeoutError):
        return _lost(error, line)
    if isinstance(error, exceptions.InvalidResponse):
        return Failure(Fault.PROTOCOL_ERROR, f"{line.place} does not speak Redis.")
    quoted = word if word.isupper() and word.isalpha() else "unknown error"
    return Failure(Fault.QUERY_ERROR, f"The command failed: {quoted}.")


def _lost(error: exceptions.RedisError, line: Line) -> Failure:
    if error.status_code == "ERR":  # the only one of these that a living server says
        return Failure(Fault.NOT_READY, "The server has too many connections.")
    closed = f"{line.place} closed the connection without an answer."
    return explain(error, line) or Failure(Fault.CLOSED, closed)
