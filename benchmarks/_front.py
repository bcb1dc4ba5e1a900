"""Who answers in the benchmark of pages? Avviso's front door, or nothing but the same bytes.

    python -m benchmarks._front avviso|bare PORT CORE

Both run under uvicorn as `avviso serve` has it. ``bare`` knows one answer.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from starlette.types import Receive, Scope, Send
from uvicorn import Server

from benchmarks._machine import run, stay_on
from statuspage.answers import Headers
from statuspage.app import build
from statuspage.database import Store
from statuspage.listening import serve_config
from statuspage.memory import Memory, Prepared
from statuspage.metrics import new_metrics
from statuspage.nudges import Nudges
from statuspage.pages import render
from statuspage.premises import Premises
from statuspage.room import raise_file_limit
from statuspage.settings import loads
from statuspage.visitors import Visitors
from tests.statuspage.pages.boards import CODES, OUTAGE

PAGES = {"/": "page", "/api/v2/summary.json": "summary"}
"""What is asked, and the file that nginx has of it."""

CONFIGURATION = """
[site]
name = "Acme"
url = "https://status.acme.example"
[[components]]
id = "shop"
name = "Shop"
"""


class Bare:
    """The very bytes that a browser gets of Avviso, whatever it would like; and no bytes for who
    names any tag.
    """

    def __init__(self, memory: Memory) -> None:
        self.pages = {path: _compressed(memory.pages[path][0]) for path in PAGES}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        assert scope["type"] == "http"
        body, headers, unchanged = self.pages[scope["path"]]
        status = 200
        for name, _ in scope["headers"]:
            if name == b"if-none-match":
                status, headers, body = 304, unchanged, b""
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _compressed(prepared: Prepared) -> tuple[bytes, Headers, Headers]:
    """Bytes, and the fewest headers of a 200 and of a 304."""
    body, etag = prepared.codings["br"], (b"etag", prepared.etags["br"].encode())
    content = (
        (b"content-type", prepared.page.media_type.encode()),
        (b"content-encoding", b"br"),
        (b"content-length", str(len(body)).encode()),
    )
    return body, (*content, etag), (etag,)


async def avviso() -> tuple[Visitors, Memory]:
    """The whole application, with the pages of an outage in its memory."""
    folder = Path(tempfile.gettempdir())
    premises = Premises(
        settings=loads(CONFIGURATION, {}, folder / "avviso.toml"),
        store=Store(f"sqlite:///{folder / 'never-opened.db'}"),
        clock=lambda: datetime.now(UTC),
        nudges=Nudges(),
        memory=Memory(),
        metrics=new_metrics(),
    )
    pages = render(OUTAGE, CODES).pages
    shut: frozenset[str] = frozenset()
    await premises.memory.replace(pages, gates=shut, shut_gates=shut, revision=1)
    return build(premises), premises.memory


async def serve(which: str, listener: socket.socket) -> None:
    app, memory = await avviso()
    raise_file_limit()
    config = (
        serve_config(app, "127.0.0.1", 0, at_once=app.ready)
        if which == "avviso"
        else serve_config(Bare(memory), "127.0.0.1", 0)
    )
    server = Server(config)
    await server.serve(sockets=[listener])


def start(which: str, port: int, core: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "benchmarks._front", which, str(port), str(core)]
    return subprocess.Popen(command)


if __name__ == "__main__":
    stay_on(int(sys.argv[3]))
    with socket.create_server(("127.0.0.1", int(sys.argv[2])), backlog=1024) as bound:
        run(serve(sys.argv[1], bound))
