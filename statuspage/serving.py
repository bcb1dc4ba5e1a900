"""How does the program run, from its start to SIGTERM?

The pages of the last time are shown before anything else; the store may be away: then
pages stand, forms and API say so, and everything else begins when it answers. Stopping
takes 10 s at the most and loses nothing: what was claimed is given back or lapses.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from functools import partial

from sqlalchemy.exc import DBAPIError
from starlette.types import ASGIApp
from uvicorn import Server

from checks.network import Network
from notifications import review
from statuspage import rota, snapshots
from statuspage.actions import components
from statuspage.app import build
from statuspage.database import Store
from statuspage.errors import Stop
from statuspage.garbage import settle_down
from statuspage.hints import heard
from statuspage.jobs import lease, workers
from statuspage.jobs.guard_clock import plan_anew
from statuspage.jobs.publish import Publish
from statuspage.jobs.watch import Watch
from statuspage.listening import serve_config
from statuspage.mailer import Mailer, mailer_beside
from statuspage.mailing import mailing
from statuspage.migrations import migrate
from statuspage.premises import Premises
from statuspage.room import raise_file_limit
from statuspage.scheduler import Scheduler
from statuspage.settings import Settings

logger = logging.getLogger(__name__)

ASK_AGAIN_S = 1
GRACE_S = 3
"""For requests under way; with the jobs' 2 s and the mailer's 4 s less than the 10 promised."""
DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT")
Around = Callable[[ASGIApp], ASGIApp]


async def serve(
    settings: Settings,
    host: str,
    port: int,
    role: str = "all",
    *,
    mailer: Mailer | None = None,
    around: Around = lambda app: app,
    on_ready: Callable[[Premises], Awaitable[None]] | None = None,
) -> None:
    """Run until SIGTERM or SIGINT. ``mailer`` may wait already; ``around`` may wrap the
    application (the demo does); ``on_ready`` is awaited once, when the store is migrated and
    mirrors the file.

    Raises ``Stop``: the port is taken, another ``serve`` has this SQLite store, or the
    database is newer than the program.
    """
    raise_file_limit()
    with _alone(settings), _listening(host, port) as listener:
        premises = await _premises(settings)
        door = build(premises)
        app = around(door)
        at_once = door.ready if app is door else None  # what is around it has its say
        server = Server(serve_config(app, host, port, at_once=at_once, grace_s=GRACE_S))
        with _stopped_by_signals(server):
            working = asyncio.create_task(_work(premises, role, mailer, on_ready))
            working.add_done_callback(lambda _: setattr(server, "should_exit", True))
            await server.serve(sockets=[listener])
            working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await working


async def _premises(settings: Settings) -> Premises:
    premises = Premises.made(settings)
    shown = await asyncio.to_thread(snapshots.load, settings.site.state_dir)
    if shown is not None:
        await premises.memory.replace(
            shown.pages, gates=shown.gates, shut_gates=shown.shut_gates, revision=0
        )
    return premises


async def _work(
    premises: Premises,
    role: str,
    mailer: Mailer | None,
    on_ready: Callable[[Premises], Awaitable[None]] | None,
) -> None:
    """Everything but answering requests."""
    reads = role != "worker"
    ready = asyncio.create_task(_get_ready(premises.settings) if reads else asyncio.sleep(0))
    try:
        who = workers.new_name()
        # awaited itself and not gathered: told to stop, its transaction ends before the store does
        await _open_store(premises, who)
        await ready
        if on_ready is not None:
            await on_ready(premises)
        settle_down()
        async with _scheduled(premises, role, who, mailer):
            await asyncio.Event().wait()
    finally:
        ready.cancel()  # its thread ends by itself, and is waited for by the loop's end
        await asyncio.wait([ready])
        await premises.store.close()


async def _get_ready(settings: Settings) -> None:
    await asyncio.to_thread(_get_ready_to_review, settings)


def _get_ready_to_review(settings: Settings) -> None:
    """Before anything is looked at: loading the dictionaries holds every thread, and later a
    probe would be late for it. Nor is the garbage collector to go through their hundred thousand
    words each time, which holds every thread again.
    """
    review.get_ready(settings.site.languages)
    settle_down()


async def _open_store(premises: Premises, who: str) -> None:
    """Wait for the store, migrate it, and make its rows like the file."""
    said = False
    while True:
        try:
            await migrate(premises.store)
            async with premises.store.write() as session:
                if premises.store.is_sqlite:
                    await lease.take_back_all(session)
                else:
                    await lease.take_back_of_dead(session, partial(workers.is_dead, me=who))
                await components.mirror(session, premises.settings, premises.clock())
            await plan_anew(premises, premises.clock())
        except (DBAPIError, OSError) as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():  # a driver may say it in an error's words
                raise asyncio.CancelledError from error
            _must_be_whole(premises.store, error)
            if not said:
                logger.warning("The database does not answer; pages stand, all else waits.")
            said = True
            await asyncio.sleep(ASK_AGAIN_S)
        else:
            return


def _must_be_whole(store: Store, error: Exception) -> None:
    """Raises ``Stop`` for a file that no waiting mends; never is a fresh one put in its place."""
    name = getattr(getattr(error, "orig", None), "sqlite_errorname", "")
    if name in DAMAGED:
        raise Stop(
            f"{store.file} is damaged, or no SQLite database ({name}). It was left as it is: "
            "put it aside and restore a backup."
        ) from None


@asynccontextmanager
async def _scheduled(
    premises: Premises, role: str, who: str, mailer: Mailer | None = None
) -> AsyncIterator[None]:
    """The jobs of a role, running."""
    async with AsyncExitStack() as stack:
        network = await stack.enter_async_context(Network())
        watch = Watch(premises, network, who)
        stack.push_async_callback(watch.close)
        await stack.enter_async_context(heard(premises))
        publish = Publish(premises)
        stack.push_async_callback(publish.close)
        ticks = [*rota.of_pages(publish)]
        if role != "web":
            ticks += rota.of_work(premises, watch, who)
        if role == "worker":
            ticks += await stack.enter_async_context(mailing(premises, network, who))
        if role == "all":
            await stack.enter_async_context(mailer_beside(premises, who, mailer))
        scheduler = Scheduler(premises, ticks)
        scheduler.start()
        stack.push_async_callback(scheduler.stop, patience=1.0, grace=1.0)
        yield


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """One ``serve`` for a SQLite store; the lock goes with the process, however it dies."""
    try:
        file = Store(settings.database.url.get_secret_value()).file
        held = file.with_name(file.name + ".lock").open("w") if file else nullcontext()
    except OSError as error:
        raise Stop(f"The database cannot be kept there: {error}.") from None
    with held as lock:
        if lock is None:
            yield
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Stop(
                f"Another avviso serve is using {file}. SQLite takes one; "
                "several machines share a PostgreSQL database."
            ) from None
        yield


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """The socket, bound before anything is started, so that a taken port is said plainly."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise Stop(f"Cannot listen on {host}, port {port}: {error.strerror}.") from None
        listener.listen(2048)
        listener.setblocking(False)
        yield listener


@contextmanager
def _stopped_by_signals(server: Server) -> Iterator[None]:
    """SIGTERM and SIGINT end the server; uvicorn's own way raises the signal again after
    it, which would end the process before the jobs have come to rest.
    """
    loop = asyncio.get_running_loop()
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, lambda: setattr(server, "should_exit", True))
    try:
        yield
    finally:
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(sign)
