"""How does a test keep a listening server in a thread of its own, and end it with all it holds?

For servers that are written in Python. With a thread and a loop of their own neither side of a
test waits for the other's event loop.
"""

import asyncio
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future

from tests.servers.ports import answers

Note = Callable[[asyncio.BaseTransport], None]
Converse = Callable[[asyncio.AbstractEventLoop, Note], asyncio.BaseProtocol]


class Listener(threading.Thread):
    """Listens on one port of 127.0.0.1 from `open` to `close`; used once.

    :param converse: makes the protocol of one connection; it is given the loop, and a function
        by which it makes its transport known, so that `close` can end the conversation
    """

    def __init__(self, port: int, converse: Converse, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(name=f"listener-{port}", daemon=True)
        self._port, self._converse, self._tls = port, converse, tls
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        self._listening: Future[None] = Future()
        self._conversations: set[asyncio.BaseTransport] = set()

    def open(self) -> None:
        """Return when connections are accepted; raise if the port is taken."""
        self.start()
        self._listening.result(timeout=10)

    def close(self) -> None:
        """End the conversations; return when connections are refused."""
        self._loop.call_soon_threadsafe(self._end.set)
        self.join(timeout=10)
        assert not answers(self._port), "it still listens"

    def run(self) -> None:
        """Serve, in the thread."""
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        try:
            server = await self._loop.create_server(
                lambda: self._converse(self._loop, self._conversations.add),
                *("127.0.0.1", self._port),
                ssl=self._tls,
            )
        except OSError as refused:
            self._listening.set_exception(refused)
            return
        self._listening.set_result(None)
        await self._end.wait()
        server.close()
        for transport in self._conversations:
            transport.close()
        await server.wait_closed()
