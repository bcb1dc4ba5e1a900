"""How does the demo run, from one command to Ctrl-C?

Avviso itself runs by the same ``serve`` as in production. Around it stand the town that
it watches, the mailbox that it writes to, and the desk under /demo; all of them end with
it, in the other order.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import typer
import uvloop
from starlette.types import ASGIApp, Receive, Scope, Send

from statuspage.demo import configuration, customers
from statuspage.demo.banner import Banner
from statuspage.demo.desk import Desk
from statuspage.demo.mailbox import Mailbox
from statuspage.demo.observer import Observer
from statuspage.demo.ports import HERE, is_free
from statuspage.demo.timeline import Timeline
from statuspage.demo.town import Addresses, Town, addresses
from statuspage.errors import Stop
from statuspage.mailer import Mailer, mailer_ahead
from statuspage.premises import Premises, clock
from statuspage.serving import serve
from statuspage.settings import Settings


def run_until_stopped(port: int, folder: Path | None) -> None:
    """Raises ``Stop`` when the port is taken."""
    if not is_free(port):
        raise Stop(
            f"Port {port} is in use on this machine, perhaps by another demo. "
            "Take another one: avviso demo --port 8080"
        )
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd's: every word of SMTP
    with _folder(folder) as chosen:
        at = addresses(port)
        settings = configuration.write(chosen, at)
        with mailer_ahead(settings) as mailer:
            uvloop.run(_run(at, chosen, settings, mailer))


async def _run(at: Addresses, folder: Path, settings: Settings, mailer: Mailer | None) -> None:
    timeline = Timeline()
    observer = Observer(at, timeline, clock)
    async with Mailbox(at.mailbox, clock, [observer.hear]) as mailbox, Town(at, folder) as town:
        desk = Desk(town, mailbox, observer, timeline, clock, folder / "avviso.toml")
        async with _watching(desk) as watch:

            async def on_ready(premises: Premises) -> None:
                await town.stand()  # else the first looks would find the town in ruins
                async with premises.store.write() as session:
                    await customers.subscribe_all(session, settings, clock())
                    desk.token = await customers.fresh_token(session, clock())
                desk.memory = premises.memory
                watch.set()
                typer.echo(_greeting(at, desk.token))

            await serve(
                settings,
                HERE,
                at.avviso,
                mailer=mailer,
                around=lambda app: around(app, desk),
                on_ready=on_ready,
            )


def around(app: ASGIApp, desk: Desk) -> ASGIApp:
    """Avviso's application with the demo's addresses beside it, and the link to them."""
    inner, beside = Banner(app), desk.app()

    async def parting(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        chosen = beside if path == "/demo" or path.startswith("/demo/") else inner
        await chosen(scope, receive, send)

    return parting


@asynccontextmanager
async def _watching(desk: Desk) -> AsyncIterator[asyncio.Event]:
    """Observe from the moment that the event is set."""
    ready = asyncio.Event()

    async def watch() -> None:
        await ready.wait()
        await desk.observer.watch(desk.memory)

    task = asyncio.create_task(watch())
    try:
        yield ready
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    """The folder that was given, kept; or a fresh one, removed at the end."""
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="avviso-demo-", ignore_cleanup_errors=True) as fresh:
        yield Path(fresh)


def _greeting(at: Addresses, token: str) -> str:
    return f"""
  The demo           {at.site}/demo     begin here: break the shop, and watch
  The status page    {at.site}/
  The shop           {at.visitors}/
  The mailbox        {at.site}/demo/mailbox

  export AVVISO_URL={at.site} AVVISO_TOKEN={token}

  Ctrl-C ends everything.
"""
