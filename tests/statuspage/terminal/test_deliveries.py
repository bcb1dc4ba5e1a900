"""A fan-out is watched: a bar on a terminal, lines elsewhere, and the same figures in both."""

from __future__ import annotations

import asyncio
import io
import json
import os
import pty
import subprocess
import sys
from typing import Any

import pytest
from rich.console import Console

from statuspage.terminal.connection import Reply
from statuspage.terminal.deliveries import Look, with_bar
from tests.statuspage.api.world import World
from tests.statuspage.terminal.conftest import Shell
from tests.statuspage.terminal.test_letters import spread


def look(sent: int, queued: int, failed: int = 0, rate: float | None = None) -> Look:
    told: dict[str, Any] = {
        "total": sent + queued + failed,
        "sent": sent,
        "queued": queued,
        "failed": failed,
        "p50_s": 2.5,
        "p99_s": 9.0,
        "hooks_queued": 0,
        "hooks_called": 0,
        "hooks_failed": 0,
        "due_soon": queued,
        "next_due_at": None,
    }
    return Look(Reply(told, ""), rate)


@pytest.mark.parametrize(
    ("seen", "pace"),
    [
        (look(0, 90_000), ""),
        (look(10_000, 90_000, rate=6900.4), "6,900 a second, 13 s left"),
        (look(10_000, 90_000, rate=300), "300 a second, 5 min left"),
        (look(10_000, 90_000, rate=0), ""),
        (look(100_000, 0, rate=5000), ""),
    ],
)
def test_it_says_how_long_it_takes_still(seen: Look, pace: str) -> None:
    assert seen.pace == pace


def test_the_bar_grows_and_leaves_one_line() -> None:
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=100)
    with_bar(
        iter([look(0, 1000), look(400, 597, 3, rate=400.0), look(1200, 0, 5, rate=800.0)]), console
    )
    shown = written.getvalue()
    assert "1,205 of 1,205" in shown
    assert "5 failed" in shown
    assert shown.endswith(
        "1205 letters: 1200 sent, 0 queued, 5 failed; half within 2.5 s, 99 of 100 within 9.0 s\n"
    )


@pytest.fixture
async def incident(world: World, avviso: Shell) -> str:
    said = await avviso("incident", "open", "shop", "It stopped.", "--yes", "--json")
    return str(json.loads(said.out)["id"])


async def test_on_a_real_terminal_it_is_a_bar(world: World, avviso: Shell, incident: str) -> None:
    await spread(world, incident, "accepted", "accepted", "failed")
    shown = await asyncio.to_thread(on_a_terminal, avviso, "deliveries", "watch", incident)
    assert "━" in shown
    assert "3 of 3" in shown
    assert "3 letters: 2 sent, 0 queued, 1 failed; half within 0.0 s" in shown


def on_a_terminal(shell: Shell, *words: str) -> str:
    """What the command writes to a terminal, until it ends."""
    environment = {**os.environ, **shell.environment, "TERM": "xterm", "COLUMNS": "120"}
    ours, its = pty.openpty()
    command = [sys.executable, "-m", "statuspage", *words]
    with subprocess.Popen(command, env=environment, stdin=its, stdout=its, stderr=its) as running:
        os.close(its)
        written = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    assert running.returncode == 0, written.decode()
    return written.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how a terminal says that nobody writes to it any more
        return b""
