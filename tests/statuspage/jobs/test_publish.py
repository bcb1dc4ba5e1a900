"""What is shown when something of what is to be shown cannot be?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from statuspage import pages, snapshots
from statuspage.actions import calls
from statuspage.jobs.publish import Publish
from statuspage.memory import Page
from statuspage.pages import history
from statuspage.pages.families import families
from statuspage.pages.reader import Reader
from statuspage.rules.board import Board
from statuspage.tables import Call
from tests.statuspage.jobs.night import Night


def fails(_: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    """A family of which one page can be written, and the next one cannot."""
    yield Page("/broken", "text/html", b"written", language=readers[0].code)
    raise KeyError("a word is missing")


async def test_a_page_that_cannot_be_written_stops_no_other_and_leaves_no_gate_open(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = await Night(sqlite_url, tmp_path).begin()
    memory, whole = night.premises.memory, families()
    await night.sees(db=".", shop=".")
    await night.publish.tick(night.now)
    before, revision = dict(memory.pages), memory.revision
    await night.sees(db="xx", shop="55")

    with monkeypatch.context() as broken:
        without_history = [one for one in whole if one is not history.pages]
        assert len(without_history) == len(whole) - 1
        broken.setattr(pages, "families", lambda: (fails, *without_history))
        with pytest.raises(KeyError):
            await night.publish.tick(night.now)
    assert "shop" in memory.shut_gates
    assert b"You cannot place orders" in memory.pages["/"][0].page.body
    assert memory.pages["/history"] == before["/history"], "what was shown last stays"
    assert "/broken" in memory.pages
    assert memory.revision == revision, "nobody is told that the new revision is shown"
    await night.publish.close()
    saved = snapshots.load(night.settings.site.state_dir)
    assert saved is not None
    assert {page.path for page in saved.pages} == set(memory.pages), "nor lost at the next start"

    await night.publish.tick(night.now)
    assert memory.revision > revision
    assert memory.pages["/history"] != before["/history"]
    assert "/broken" not in memory.pages
    await night.publish.close()
    await night.end()


async def test_where_no_page_can_be_written_the_gates_still_move(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = await Night(sqlite_url, tmp_path).begin()
    memory = night.premises.memory
    await night.sees(db=".", shop=".")
    await night.publish.tick(night.now)
    before = dict(memory.pages)
    await night.sees(db="xx", shop="55")
    with monkeypatch.context() as broken:
        broken.setattr(pages, "families", lambda: (fails,) * 3)
        with pytest.raises(KeyError):
            await night.publish.tick(night.now)
    assert "shop" in memory.shut_gates
    assert {path: memory.pages[path] for path in before} == before
    await night.publish.close()
    await night.end()


async def test_operators_hear_once_of_a_page_that_cannot_be_written_and_once_that_it_can(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = await Night(sqlite_url, tmp_path).begin()
    whole = families()
    with monkeypatch.context() as broken:
        broken.setattr(pages, "families", lambda: (fails, *whole))
        for publish in (night.publish, night.publish, Publish(night.premises)):
            with pytest.raises(KeyError):
                await publish.tick(night.now)
            night.later(seconds=6)
            assert await night.called() == ["pages_stale"]
    (call,) = await night.rows(Call)
    assert call.facts["reason"] == "KeyError: 'a word is missing'"

    await night.publish.tick(night.now)
    night.later(seconds=6)
    await night.publish.tick(night.now)
    assert await night.called() == ["pages_stale", "pages_fresh"]
    await night.publish.close()
    await night.end()


async def test_a_store_that_goes_away_meanwhile_hears_of_it_when_it_is_back(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = await Night(sqlite_url, tmp_path).begin()
    whole, refused = families(), list[str]()

    async def refuses(*_: object, **__: object) -> bool:
        refused.append("once")
        raise OperationalError("INSERT", {}, Exception("locked"))

    with monkeypatch.context() as broken:
        broken.setattr(pages, "families", lambda: (fails, *whole))
        with broken.context() as away:
            away.setattr(calls, "call", refuses)
            with pytest.raises(OperationalError):
                await night.publish.tick(night.now)
        assert refused
        assert "/broken" in night.premises.memory.pages, "what can be written is shown before"
        with pytest.raises(KeyError):
            await night.publish.tick(night.now)
    assert await night.called() == ["pages_stale"]
    await night.publish.close()
    await night.end()
