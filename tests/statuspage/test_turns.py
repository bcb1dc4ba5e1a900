"""Whoever waits to write gets the next turn, however busy the others are, and whatever became
of them.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from statuspage.turns import Turns

PATIENCE_S = 20.0
HOLDS = """
import asyncio, sys
from pathlib import Path
from statuspage.turns import Turns

async def hold():
    async with Turns(Path(sys.argv[1]), 1):
        print("mine", flush=True)
        await asyncio.Event().wait()

asyncio.run(hold())
"""


async def test_whoever_writes_all_the_time_lets_others_in(tmp_path: Path) -> None:
    """As another process does: a queue of its own for the same file."""
    greedy, other = (Turns(tmp_path / "db", PATIENCE_S) for _ in range(2))
    begun, longest = 0, 0

    async def write_on_and_on() -> None:
        nonlocal begun
        while True:
            async with greedy:
                begun += 1
                await asyncio.sleep(0.002)

    writing = asyncio.create_task(write_on_and_on())
    for _ in range(20):
        seen = begun
        async with other:
            longest = max(longest, begun - seen)
        await asyncio.sleep(0.003)
    writing.cancel()
    assert begun > 20
    assert longest <= 1


async def test_no_two_write_at_a_time(tmp_path: Path) -> None:
    writing = 0

    async def write(turns: Turns) -> None:
        nonlocal writing
        async with turns:
            writing += 1
            await asyncio.sleep(0)
            assert writing == 1
            writing -= 1

    queues = [Turns(tmp_path / "db", PATIENCE_S) for _ in range(3)]
    await asyncio.gather(*(write(queues[n % 3]) for n in range(60)))


async def test_the_turn_of_a_killed_process_is_over(tmp_path: Path) -> None:
    program = sys.executable, "-c", HOLDS, str(tmp_path / "db")
    process = await asyncio.create_subprocess_exec(*program, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"mine\n"
    turns = Turns(tmp_path / "db", PATIENCE_S)
    waiting = asyncio.create_task(turns.__aenter__())
    done, _ = await asyncio.wait([waiting], timeout=0.05)
    assert not done
    process.kill()
    await asyncio.wait_for(waiting, PATIENCE_S / 2)
    await process.wait()


async def test_whoever_gives_up_waiting_holds_up_nobody(tmp_path: Path) -> None:
    first, second, third = (Turns(tmp_path / "db", PATIENCE_S) for _ in range(3))
    async with first:
        waiting = asyncio.create_task(second.__aenter__())
        await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    for turns in (third, second):
        async with asyncio.timeout(PATIENCE_S / 2), turns:
            pass


async def test_a_turn_that_does_not_come_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    async with Turns(tmp_path / "db", 0.02), Turns(tmp_path / "db", 0.02):
        pass


async def test_without_the_files_it_goes_without(tmp_path: Path) -> None:
    async with Turns(tmp_path / "no such folder" / "db", PATIENCE_S):
        pass
