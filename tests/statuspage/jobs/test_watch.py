"""Are checks asked when they are due, and is nobody blamed for our own faults?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from checks.result import Grade
from statuspage.rules.looks import unpack
from statuspage.tables import Change, Check, Looks
from tests.servers.ports import free_port
from tests.statuspage.jobs.night import Night
from tests.statuspage.serving import eventually

SECOND = timedelta(seconds=1)


@asynccontextmanager
async def answering(port: int) -> AsyncIterator[None]:
    """A listener that accepts and hangs up."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port)
    async with server:
        yield


def more(port: int) -> str:
    return (
        '[[components]]\nid = "near"\nname = "Near"\n[[components.checks]]\n'
        f'id = "near"\nkind = "tcp"\nhost = "127.0.0.1"\nport = {port}\ntimeout = "2s"\n'
    )


async def only_due(night: Night, check_id: str) -> None:
    """The others wait for another night."""
    async with night.store.write() as session:
        far = night.now + timedelta(days=1)
        await session.execute(sa.update(Check).values(lease_by=None, lease_until=None))
        await session.execute(sa.update(Check).values(next_due_at=far))
        await session.execute(
            sa.update(Check).where(sa.column("id") == check_id).values(next_due_at=night.now)
        )


async def look(night: Night) -> Check:
    """One tick that asks, and one that records; answers the check's row."""
    await night.watch.tick(night.now)
    await eventually(lambda: bool(night.watch._back))
    await night.watch.tick(night.now)
    return await row(night)


async def row(night: Night) -> Check:
    return next(check for check in await night.rows(Check) if check.id == "near")


async def test_a_due_check_is_asked_recorded_and_due_again(store_url: str, tmp_path: Path) -> None:
    port = free_port()
    night = await Night(store_url, tmp_path, more=more(port)).begin()
    async with answering(port):
        await only_due(night, "near")
        check = await look(night)
    assert check.belief == "well"
    assert check.latency_ms is not None
    assert check.address == "127.0.0.1"
    assert check.lease_by is None
    assert check.next_due_at == night.now + 15 * SECOND
    (looks,) = [row for row in await night.rows(Looks) if row.check_id == "near"]
    (seen,) = unpack(looks.packed)
    assert (looks.asked, looks.failed) == (1, 0)
    assert looks.slot_at + seen.after == night.now
    assert seen.grade is Grade.WELL
    await night.end()


async def test_in_doubt_it_is_asked_at_the_confirm_interval_and_then_believed(
    store_url: str, tmp_path: Path
) -> None:
    night = await Night(store_url, tmp_path, more=more(free_port())).begin()
    await only_due(night, "near")
    check = await look(night)
    assert (check.belief, check.next_due_at) == ("unknown", night.now + 3 * SECOND)
    night.later(seconds=3)
    check = await look(night)
    assert check.belief == "failed"
    changes = [change for change in await night.rows(Change) if change.check_id == "near"]
    assert [(change.old, change.new) for change in changes] == [("unknown", "failed")]
    await night.end()


async def test_two_watches_never_ask_the_same_check_at_once(store_url: str, tmp_path: Path) -> None:
    night = await Night(store_url, tmp_path, more=more(free_port())).begin()
    other = type(night.watch)(night.premises, night.network, "other")
    await only_due(night, "near")
    await asyncio.gather(night.watch.tick(night.now), other.tick(night.now))
    assert (
        len(night.watch._flying) + len(other._flying) + len(night.watch._back) + len(other._back)
        == 1
    )
    await other.close()
    await night.end()


async def test_a_failure_has_the_tiers_below_asked_at_once(night: Night) -> None:
    await night.sees(shop="5")
    checks = {check.id: check for check in await night.rows(Check)}
    assert checks["db"].next_due_at <= night.now
    assert checks["blog"].next_due_at > night.now


async def test_cut_off_changes_no_verdict_and_calls_the_operators_once(
    store_url: str, tmp_path: Path
) -> None:
    port = free_port()
    checks = f'reference = ["tcp://127.0.0.1:{port}"]'
    night = await Night(store_url, tmp_path, checks=checks).begin()
    await night.sees(db="xxxx", shop="xxxx", blog="xxxx")
    assert await night.incidents() == []
    assert b"cut_off 1.0" in night.premises.metrics.exposition()
    assert await night.called() == ["cut_off"]
    async with answering(port):
        await night.sees(db=".", shop=".", blog=".")
        assert b"cut_off 0.0" in night.premises.metrics.exposition()
        assert await night.called() == ["cut_off", "connected_again"]
        await night.sees(db="xx", shop="55")
    assert len(await night.incidents()) == 1
    await night.end()


async def test_cut_off_is_said_by_every_process_and_remembered_over_a_start(
    store_url: str, tmp_path: Path
) -> None:
    port = free_port()
    checks = f'reference = ["tcp://127.0.0.1:{port}"]'
    night = await Night(store_url, tmp_path, checks=checks, more=more(free_port())).begin()
    calm = (await night.board()).revision
    await night.sees(db="xx", shop="55")
    board = await night.board()
    assert board.blind, "a process that only shows pages reads it from the store"
    assert board.revision > calm

    night.watch = type(night.watch)(night.premises, night.network, "started again")
    await night.watch.tick(night.now)
    await night.sees(db="x")
    assert await night.called() == ["cut_off"], "they know that already"
    async with answering(port):
        await night.sees(db=".")
    assert await night.called() == ["cut_off", "connected_again"]
    assert not (await night.board()).blind
    await night.end()


async def test_a_look_is_not_lost_when_the_store_is_away(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    night = await Night(sqlite_url, tmp_path, more=more(port)).begin()
    async with answering(port):
        await only_due(night, "near")
        await night.watch.tick(night.now)
        await eventually(lambda: bool(night.watch._back))
    with monkeypatch.context() as away:
        away.setattr(night.premises.store, "write", _away)
        with pytest.raises(OSError, match="away"):
            await night.watch.tick(night.now)
    await night.watch.tick(night.now)
    assert (await row(night)).belief == "well"
    await night.end()


async def test_a_call_about_our_connection_is_not_lost_when_the_store_is_away(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = f'reference = ["tcp://127.0.0.1:{free_port()}"]'
    night = await Night(sqlite_url, tmp_path, checks=checks, more=more(free_port())).begin()
    await only_due(night, "near")
    await night.watch.tick(night.now)
    await eventually(lambda: bool(night.watch._back))

    async def fails(*_: object) -> None:
        raise OSError("the store is away")

    with monkeypatch.context() as away:
        away.setattr(night.watch, "_claim", fails)
        with pytest.raises(OSError, match="away"):
            await night.watch.tick(night.now)
    await night.watch.tick(night.now)
    assert await night.called() == ["cut_off"]
    await night.end()


def _away() -> None:
    raise OSError("the store is away")


@pytest.fixture
async def night(store_url: str, tmp_path: Path) -> AsyncIterator[Night]:
    made = await Night(store_url, tmp_path).begin()
    yield made
    await made.end()


async def test_a_failure_below_has_what_stands_on_it_asked_at_once(night: Night) -> None:
    """Else customers would read what they notice only at its next look."""
    await night.sees(db="x")
    checks = {check.id: check for check in await night.rows(Check)}
    assert checks["shop"].next_due_at <= night.now
    assert checks["blog"].next_due_at > night.now
