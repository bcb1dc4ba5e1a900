"""The store is locked, or away, in the middle of a fan-out: no letter is lost, and none repeated.

Nothing is sent that can't be written down; what was accepted before is written down when the
store is back.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.servers.postgresql import PostgreSQL
from tests.stories.crowd import Crowd, counts, gathered

CROWD, PACE = 300, 60
LOCK = """
import sqlite3, sys
store = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
store.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
store.rollback()
"""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Another process holds the store's only write lock."""
    command = [sys.executable, "-c", LOCK, url.removeprefix("sqlite:///")]
    with subprocess.Popen(command, stdin=-1, stdout=-1) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"locked\n"
        yield
        holder.communicate()


def in_the_middle(crowd: Crowd) -> None:
    serve = crowd.sender()
    crowd.begin(serve)
    crowd.gathers(CROWD)
    crowd.tell(serve)
    crowd.until(lambda: crowd.told >= CROWD // 4)


def nothing_is_sent(crowd: Crowd, seconds: float) -> int:
    """How many were still taken after the store had gone: what was under way, no more."""
    before = crowd.told
    crowd.until(lambda: crowd.ledger.entries[-1].at < time.monotonic() - 1)
    taken = crowd.told - before
    time.sleep(max(seconds - 1, 0))
    assert crowd.told == before + taken
    return taken


def all_is_well(crowd: Crowd, what: str, taken: int) -> None:
    crowd.everybody_is_told()
    counts(crowd.report(f"{what}, {taken} letters taken after it had gone"))
    assert taken <= PACE, "what left within a second"
    assert not crowd.repeats()
    crowd.holds()


@pytest.mark.parametrize(
    "seconds", [2, pytest.param(12, marks=pytest.mark.soak)], ids=lambda s: f"{s} s"
)
def test_sqlite_is_locked(sqlite_url: str, seconds: int) -> None:
    """The store itself waits 10 s for the lock."""
    with gathered(sqlite_url, max_per_second=PACE) as crowd:
        in_the_middle(crowd)
        with locked(sqlite_url):
            taken = nothing_is_sent(crowd, seconds)
        all_is_well(crowd, f"locked for {seconds} s", taken)


def test_postgresql_goes_and_comes_back(postgresql: PostgreSQL) -> None:
    with gathered(postgresql.dsn, max_per_second=PACE) as crowd:
        in_the_middle(crowd)
        postgresql.stop()
        taken = nothing_is_sent(crowd, 2)
        postgresql.start()
        all_is_well(crowd, "away for 2 s", taken)
