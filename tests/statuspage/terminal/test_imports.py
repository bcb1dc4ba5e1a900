"""Can a list of customers be brought in from a terminal, looked at before anything is stored?"""

from __future__ import annotations

import asyncio
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from statuspage.tables import Subscriber
from tests.statuspage.api.world import World
from tests.statuspage.terminal.conftest import Shell

FILE = "address;language\r\nada@example.org;it\r\nnobody;it\r\nbea@example.org;\r\n"


@pytest.fixture
def customers(tmp_path: Path) -> str:
    (tmp_path / "customers.csv").write_text(FILE)
    return str(tmp_path / "customers.csv")


async def stored(world: World) -> list[str]:
    return sorted(row.address for row in await world.rows(Subscriber))


async def test_it_is_looked_at_first_and_asked_about(
    world: World, avviso: Shell, customers: str
) -> None:
    said = await avviso("subscribers", "import", customers, types="n\n")
    assert (said.code, said.err) == (1, "Nothing was done.")
    assert await stored(world) == []
    said = await avviso("subscribers", "import", customers, "--source", "fair", types="y\n")
    assert said.code == 1, "a line is bad"
    assert said.out.endswith("2 added, 1 bad.\n")
    assert said.err.count("line 3: ") == 1
    assert "Take them in?" in said.err
    assert await stored(world) == ["ada@example.org", "bea@example.org"]
    assert {row.source for row in await world.rows(Subscriber)} == {"fair"}


async def test_nobody_need_be_asked(world: World, avviso: Shell, customers: str) -> None:
    said = await avviso("subscribers", "import", customers, "--yes", "--basis", "consent")
    assert (said.out, "line 3: " in said.err) == ("2 added, 1 bad.\n", True)
    said = await avviso("subscribers", "import", customers, "--yes", "--json")
    assert json.loads(said.out)["updated"] == 2
    assert {row.basis for row in await world.rows(Subscriber)} == {"consent"}


async def test_it_can_only_be_looked_at(world: World, avviso: Shell, customers: str) -> None:
    said = await avviso("subscribers", "import", customers, "--dry-run")
    assert (said.code, said.out) == (1, "2 added, 1 bad.\n")
    assert await stored(world) == []


async def test_who_stays_silent_is_named(world: World, avviso: Shell, customers: str) -> None:
    await world.subscribe("bea@example.org")
    await avviso("subscribers", "remove", "bea@example.org")
    said = await avviso("subscribers", "import", customers, "--yes")
    assert said.out == "1 added, 1 stay silent, 1 bad.\n"
    assert "take no mail: lines 4\n" in said.err


async def test_what_cannot_be_done_says_why(avviso: Shell, tmp_path: Path, customers: str) -> None:
    (tmp_path / "phones.csv").write_text("address,phone\n")
    (tmp_path / "nobody.csv").write_text("address\nnobody\n")
    for words, says in (
        ((customers,), "add --yes"),
        ((str(tmp_path / "none.csv"), "--yes"), "cannot be read"),
        ((str(tmp_path / "phones.csv"), "--yes"), "Column 2"),
        ((customers, "--yes", "--basis", "hearsay"), "basis"),
        ((customers, "--yes", "--charset", "klingon"), "charset"),
        ((customers, "--yes", "--confirm", "--source", "a\nb"), "one line"),
    ):
        said = await avviso("subscribers", "import", *words)
        assert (said.code, says in said.err) == (2, True), said
    said = await avviso("subscribers", "import", str(tmp_path / "nobody.csv"), types="y\n")
    assert said.err == "1 bad. There is nothing to take in."


async def test_who_is_asked_first_is_said(world: World, avviso: Shell, customers: str) -> None:
    said = await avviso("subscribers", "import", customers, "--confirm", types="y\n")
    assert "ask whether we may" in said.err
    assert {row.state for row in await world.rows(Subscriber)} == {"pending"}


async def test_it_may_come_by_a_pipe(world: World, avviso: Shell) -> None:
    done = await asyncio.to_thread(run, avviso, ["import", "-", "--yes"], FILE.encode())
    assert (done.returncode, done.stdout) == (1, b"2 added, 1 bad.\n")
    assert len(await stored(world)) == 2


async def test_how_far_it_has_come_is_shown(world: World, avviso: Shell, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    file.write_text("address,source\n" + f"nobody,{'x' * 150}\n" * 5000)
    done = await asyncio.to_thread(run, avviso, ["import", str(file), "--yes"])
    assert b"Taking it in: 50 %, 2," in done.stderr
    assert b"Taking it in: 100 %, 5,001 lines" in done.stderr
    assert b"and 4,000 bad lines more" in done.stderr
    on_terminal, terminal = pty.openpty()
    running = asyncio.to_thread(run, avviso, ["import", str(file), "--yes"], stderr=terminal)
    seen, _ = await asyncio.gather(asyncio.to_thread(_read, on_terminal), running)
    os.close(terminal)
    assert "━" in seen
    assert "5,001 lines" in seen


def _read(on_terminal: int) -> str:
    shown = b""
    with os.fdopen(on_terminal, "rb", buffering=0) as screen:
        while b"bad lines more" not in shown:
            shown += screen.read(65536)
    return shown.decode()


def run(
    avviso: Shell, words: list[str], typed: bytes = b"", stderr: int = subprocess.PIPE
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "statuspage", "subscribers", *words],
        input=typed,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env={**os.environ, **avviso.environment, "TERM": "xterm"},
        timeout=50,
        check=False,
    )
