"""Whoever says stop while it is still starting is heard, and nothing stays behind.

`serve` runs inside the test, so that what it leaves can be seen: tasks, and a mailer.
"""

import asyncio
import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from notifications import review
from statuspage.premises import Premises
from statuspage.serving import serve
from statuspage.settings import Settings, loads
from tests.servers.ports import free_port
from tests.statuspage.serving import eventually

CONFIGURATION = """
[site]
name = "Acme"
url = "https://status.acme.example"
languages = ["en", "it"]
state_dir = "{folder}/state"
[database]
url = "{store}"
[[components]]
id = "shop"
name = "Shop"
"""


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """What a program keeps for good, a test does not."""
    yield
    gc.unfreeze()


def settings(folder: Path, store: str) -> Settings:
    return loads(CONFIGURATION.format(folder=folder, store=store), {}, folder / "avviso.toml")


def it_can_hear() -> bool:
    return signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL


def a_mailer_begins() -> bool:
    return bool(multiprocessing.active_children())


async def stopped(wanted: Settings, role: str, when: Callable[[], bool]) -> None:
    before = asyncio.all_tasks()
    serving = asyncio.create_task(serve(wanted, "127.0.0.1", free_port(), role))
    await eventually(lambda: serving.done() or (it_can_hear() and when()), 30)
    assert not serving.done(), serving
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(30):
        await serving
    assert asyncio.all_tasks() == before
    assert not multiprocessing.active_children()
    assert not it_can_hear()


async def test_told_to_stop_while_it_reads_its_dictionaries_it_ends(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, has_read = threading.Event(), threading.Event()

    def read(_: Sequence[str]) -> None:
        reads.set()
        has_read.wait(30)

    monkeypatch.setattr(review, "get_ready", read)
    try:
        await stopped(settings(tmp_path, sqlite_url), "web", reads.is_set)
    finally:
        has_read.set()


async def test_told_to_stop_while_it_waits_for_its_database_it_ends(tmp_path: Path) -> None:
    nobody = f"postgresql://avviso@127.0.0.1:{free_port()}/avviso"
    await stopped(settings(tmp_path, nobody), "worker", it_can_hear)


async def test_told_to_stop_while_its_mailer_begins_both_end(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "get_ready", lambda _: None)  # half a second of both cores
    await stopped(settings(tmp_path, sqlite_url), "all", a_mailer_begins)


async def test_told_to_stop_while_it_says_that_it_is_ready_it_ends(
    tmp_path: Path, sqlite_url: str
) -> None:
    says = asyncio.Event()

    async def on_ready(_: Premises) -> None:
        says.set()
        await asyncio.Event().wait()

    before = asyncio.all_tasks()
    wanted = settings(tmp_path, sqlite_url)
    serving = asyncio.create_task(
        serve(wanted, "127.0.0.1", free_port(), "worker", on_ready=on_ready)
    )
    async with asyncio.timeout(30):
        await says.wait()
        os.kill(os.getpid(), signal.SIGTERM)
        await serving
    assert asyncio.all_tasks() == before
