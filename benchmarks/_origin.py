"""What is asked by a thousand checks? A web server that costs as little as it can.

    python -m benchmarks._origin PORT CORE

Whatever is asked of it, it answers 200 with 2 bytes and closes; it reads one request a
connection. A process of its own, so that its work is nobody else's CPU.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from benchmarks._machine import run, stay_on
from tests.servers.belongings import as_child
from tests.servers.ports import answers, free_port

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"


@contextmanager
def origin(core: int = 1) -> Iterator[tuple[str, int]]:
    """Its address, ``http://127.0.0.1:PORT``, and process id; it ends with the block."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks._origin", str(port), str(core)]
    process = subprocess.Popen([*as_child(None, signal.SIGKILL), *command])
    try:
        while not answers(port):
            assert process.poll() is None, "the origin did not start"
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.kill()
        process.wait()


class Answering(asyncio.Protocol):
    """One connection: one request, one answer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are nobody's subclass
        self.transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"\r\n\r\n"):
            self.transport.write(ANSWER)
            self.transport.close()


async def serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answering, "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    stay_on(int(sys.argv[2]))
    run(serve(int(sys.argv[1])))
