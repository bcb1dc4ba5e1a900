"""What keeps the demo's orders? A Redis server in a process of its own.

It speaks the real protocol over TCP and needs no installing. Stopped, it is gone from its
port, so that connections are refused as by any dead database. Its orders lie in a file
between two lives: a mended shop has lost none.

Run as ``python -m statuspage.demo.orders PORT FILE PARENT``.
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from types import FrameType

from fakeredis import FakeRedis, TcpFakeServer

from statuspage.demo.lifeline import die_with

KEY = "orders"


def main(port: int, file: Path) -> None:
    """Serve on a port of 127.0.0.1 until SIGTERM."""
    server = TcpFakeServer(("127.0.0.1", port))
    server.daemon_threads = True  # a client that stays connected must not keep us alive
    inside = FakeRedis(server=server.fake_server, decode_responses=True)
    _remember(inside, file)
    signal.signal(signal.SIGTERM, _end)
    try:
        server.serve_forever(poll_interval=0.05)
    finally:
        server.server_close()
        file.write_text(json.dumps(inside.lrange(KEY, 0, -1)))


def _remember(inside: FakeRedis, file: Path) -> None:
    orders = json.loads(file.read_text()) if file.exists() else []
    if orders:
        inside.rpush(KEY, *orders)


def _end(_sign: int, _frame: FrameType | None) -> None:
    """Out of ``serve_forever``, whose own ``shutdown`` would wait for itself here."""
    raise SystemExit


if __name__ == "__main__":
    die_with(int(sys.argv[3]))
    main(int(sys.argv[1]), Path(sys.argv[2]))
