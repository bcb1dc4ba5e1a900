"""What a killed worker held is given back at the next start; what a live one holds is not."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial

import pytest

from statuspage.jobs import lease, workers
from tests.statuspage.jobs.test_lease import claim, fan_out
from tests.statuspage.jobs.town import Town


def gone_process() -> int:
    """The number of a process that has ended, and was waited for."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_no_two_workers_share_a_name() -> None:
    names = {workers.new_name() for _ in range(100)}
    assert len(names) == 100
    assert all(f":{os.getpid()}:" in name for name in names)


@pytest.mark.parametrize(
    ("name", "dead"),
    [
        ("{place}:{gone}:aaaa", True),
        ("{place}:{gone}:aaaa:3", True),  # its mailer, which dies with it
        ("{place}:{me}:aaaa", True),  # had our number before us, as in a restarted container
        ("{place}:{parent}:aaaa", False),
        ("{place}:1:aaaa", False),
        ("elsewhere-12345678:{gone}:aaaa", False),
        ("{place}", False),
        ("{place}:no number:aaaa", False),
        ("{place}:99999999999999999999:aaaa", False),
        ("", False),
    ],
)
def test_only_who_is_known_to_be_gone_is_dead(name: str, dead: bool) -> None:
    name = name.format(
        place=workers.place(), gone=gone_process(), me=os.getpid(), parent=os.getppid()
    )
    assert workers.is_dead(name, me=workers.new_name()) is dead


def test_nobody_thinks_himself_dead() -> None:
    me = workers.new_name()
    assert not workers.is_dead(me, me=me)
    assert not workers.is_dead(f"{me}:1", me=me)


async def test_a_start_takes_back_what_the_killed_held_and_nothing_else(town: Town) -> None:
    await fan_out(town, 4)
    killed = f"{workers.place()}:{gone_process()}:aaaa"
    alive = f"{workers.place()}:{os.getppid()}:bbbb"
    assert len(await claim(town, killed, 2)) == 2
    assert len(await claim(town, alive, 2)) == 2
    me = workers.new_name()
    async with town.store.write() as session:
        await lease.take_back_of_dead(session, partial(workers.is_dead, me=me))
    assert len(await claim(town, me, 4)) == 2
    assert {row.lease_by for row in await town.deliveries()} == {alive, me}
