"""How does a test be a mail server that misbehaves at one line of the dialogue?

A socket on loopback that answers each line of RFC 5321 by a table; ``DROP`` hangs up in place of
an answer, ``HANG`` never gives one. What it was told stands in ``lines``, what it took in
``letters``; with ``pipelines`` it says that it takes several lines at a time (RFC 2920).
"""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Self

DROP = b""
HANG = b"\0"
WELL = {
    "connect": b"220 relay.example ESMTP",
    "EHLO": b"250 relay.example",
    "HELO": b"250 relay.example",
    "MAIL": b"250 2.1.0 ok",
    "RCPT": b"250 2.1.5 ok",
    "DATA": b"354 go on",
    ".": b"250 2.0.0 queued as 42",
    "RSET": b"250 ok",
    "NOOP": b"250 ok",
    "QUIT": b"221 bye",
    "STARTTLS": b"220 go on",
}
PIPELINES = b"250-relay.example\r\n250 PIPELINING"
STATIONS = ("connect", "EHLO", "MAIL", "RCPT", "DATA", ".")


class Dialogue:
    def __init__(
        self, answers: Mapping[str, bytes] | None = None, *, pipelines: bool = False
    ) -> None:
        self.well = {**WELL, **({"EHLO": PIPELINES} if pipelines else {})}
        self.answers = {**self.well, **(answers or {})}
        self.lines: list[str] = []
        self.letters: list[bytes] = []
        self.taken = asyncio.Event()
        self.connections = 0
        self._said = b""
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._converse, "127.0.0.1", 0, limit=1 << 20)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        self.hang_up()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?starttls=never"

    def hang_up(self) -> None:
        """Close every conversation that is open."""
        for writer in self._open.values():
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = writer
        try:
            await self._answer_all(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            del self._open[task]
            writer.close()

    async def _answer_all(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        going = await self._answer("connect", writer)
        while going and (line := await reader.readline()):
            self.lines.append(line.decode("utf-8").rstrip("\r\n"))
            verb = self.lines[-1].split(" ")[0].upper()
            going = await self._answer(verb, writer) and verb != "QUIT"
            if going and verb == "DATA" and self._said.startswith(b"354"):
                self.letters.append(await _content(reader))
                self.taken.set()
                going = await self._answer(".", writer)

    def mend(self) -> None:
        """From here on it answers well."""
        self.answers = dict(self.well)

    def choose(self, station: str) -> bytes:
        """What is answered to the last of ``lines``."""
        return self.answers[station]

    async def _answer(self, station: str, writer: asyncio.StreamWriter) -> bool:
        answer = self._said = self.choose(station)
        if answer in (DROP, HANG):
            if answer == HANG:
                await asyncio.Event().wait()
            return False
        writer.write(answer + b"\r\n")
        await writer.drain()
        return True


async def _content(reader: asyncio.StreamReader) -> bytes:
    """All lines up to the dot that stands alone."""
    lines: list[bytes] = []
    while not lines or lines[-1] != b".\r\n":
        lines.append(await reader.readuntil(b"\n"))
    return b"".join(lines)
