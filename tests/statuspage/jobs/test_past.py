"""However old it is, it has its page, and the page says what is true by now."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from statuspage import app
from statuspage.actions import erasures, postmortems, translations, updates
from statuspage.actions.revision import raise_revision
from statuspage.actions.standings import standings
from statuspage.archive import FILE, Archive, NotKept
from statuspage.jobs import rows
from statuspage.pages import history, incident, kept
from statuspage.rules.postmortems import Action, Learned
from statuspage.rules.words import Word
from statuspage.tables import Incident, Maintenance, Share, Step, Update
from tests.statuspage.jobs.night import TEN_PAST_THREE, Night

ON_THE_BOARD = 3
MONTHS = 11
SAID = "A disk was full in month {n}."
FAMILIES = ("/incidents/", "/maintenances/", "/history/")


@pytest.fixture(autouse=True)
def _few_on_the_board(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_INCIDENTS", ON_THE_BOARD)
    monkeypatch.setattr(rows, "MOST_MAINTENANCES", ON_THE_BOARD)


@pytest.fixture
async def night(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Night]:
    """An incident and a maintenance a month, for eleven months."""
    night = await Night(sqlite_url, tmp_path).begin()
    async with night.store.write() as session:
        for n in range(MONTHS):
            session.add_all([_incident(n), _maintenance(n)])
        await session.flush()
        for n in range(MONTHS):
            session.add_all([_share(n), *_said(n), _step(n)])
    yield night
    await night.publish.close()
    await night.end()


def _at(n: int) -> datetime:
    """The middle of the n-th month before the night."""
    year, month = divmod(TEN_PAST_THREE.year * 12 + TEN_PAST_THREE.month - 2 - n, 12)
    return datetime(year, month + 1, 14, 9, tzinfo=UTC)


def _key(n: int) -> str:
    return f"{_at(n):%Y-%m}"


def _incident(n: int) -> Incident:
    at = _at(n)
    return Incident(
        id=f"old{n}",
        name=f"Title {n}",
        language="en",
        status="resolved",
        impact="major",
        started_at=at,
        noticed_at=at,
        created_at=at,
        updated_at=at,
        resolved_at=at + timedelta(minutes=20),
    )


def _share(n: int) -> Share:
    return Share(incident_id=f"old{n}", component_id="shop", status="operational")


def _said(n: int) -> list[Update]:
    kinds = (("investigating", SAID.format(n=n)), ("resolved", "All is well."))
    return [
        Update(
            incident_id=f"old{n}",
            n=number,
            at=_at(n) + timedelta(minutes=number),
            status=status,
            by="human",
            language="en",
            what_happened=told,
            what_we_are_doing="We look.",
        )
        for number, (status, told) in enumerate(kinds, 1)
    ]


def _maintenance(n: int) -> Maintenance:
    at = _at(n) + timedelta(days=1)
    over = at + timedelta(hours=1)
    return Maintenance(
        id=f"work{n}",
        series_id=f"work{n}",
        name=f"New pipes {n}",
        language="en",
        components=["shop"],
        status="completed",
        created_at=at,
        created_by="ada",
        updated_at=at,
        scheduled_for=at,
        anchor_for=at,
        occurs_at=at,
        started_at=at,
        scheduled_until=over,
        announced_until=over,
        anchor_until=over,
        ended_at=over,
    )


def _step(n: int) -> Step:
    at = _at(n) + timedelta(days=1)
    return Step(
        maintenance_id=f"work{n}",
        n=1,
        at=at,
        kind="completed",
        status="completed",
        by="machine",
        scheduled_for=at,
        scheduled_until=at,
    )


async def publishes(night: Night) -> None:
    night.later(seconds=5)
    await night.publish.tick(night.now)


async def walks(night: Night) -> None:
    """Until all of the past was gone through, and is as it should be."""
    await publishes(night)
    for _ in range(5):
        await night.publish.past.walk(night.now)
    await publishes(night)


async def shown(night: Night, path: str, language: str = "en") -> str:
    """What a visitor sees; "" for nothing."""
    transport = httpx.ASGITransport(app.build(night.premises))
    async with httpx.AsyncClient(transport=transport, base_url="http://acme.example") as visitor:
        answer = await visitor.get(path, headers={"Accept-Language": language})
    assert answer.status_code in (200, 404), path
    return answer.text if answer.status_code == 200 else ""


def links(page: str) -> Iterator[str]:
    yield from re.findall(r'href="(/[^"]*)"', page)


async def test_every_month_and_all_that_was_in_it_can_be_reached(night: Night) -> None:
    await walks(night)
    assert not [path for path in night.premises.memory.pages if path.startswith("/incidents/old9")]
    seen, wanted = set[str](), {"/en/history", "/it/history"}
    while wanted:
        path = wanted.pop()
        seen.add(path)
        page = await shown(night, path)
        assert page, f"{path} is linked, and is not there"
        wanted |= {one for one in links(page) if any(f in one for f in FAMILIES)} - seen
    for code in ("en", "it"):
        assert {f"/{code}/incidents/old{n}" for n in range(MONTHS)} <= seen
        assert {f"/{code}/maintenances/work{n}" for n in range(MONTHS)} <= seen
        assert {f"/{code}/history/{_key(n)}" for n in range(MONTHS)} <= seen
    assert SAID.format(n=9) in await shown(night, "/incidents/old9")
    assert 'lang="it"' in await shown(night, "/incidents/old9", "it")
    assert "New pipes 10" in await shown(night, f"/it/history/{_key(10)}")
    assert not await shown(night, "/incidents/nothing")
    assert not await shown(night, "/history/1999-01")
    assert not await shown(night, "/de/incidents/old9")


async def test_what_leaves_the_board_has_its_page_at_every_moment(night: Night) -> None:
    await publishes(night)
    for n in range(3):
        async with night.store.write() as session:
            session.add(new := _incident(0))
            new.id, new.created_at = f"new{n}", night.now
            await raise_revision(session)
        await publishes(night)
        for k in range(ON_THE_BOARD):
            assert SAID.format(n=k) in await shown(night, f"/incidents/old{k}")
            assert f"Title {k}" in await shown(night, f"/history/{_key(k)}")
    assert "/incidents/old0" not in night.premises.memory.pages, "memory holds what is on the board"
    assert _key(1) in await shown(night, "/history")


async def test_an_erased_word_vanishes_from_an_old_page_with_the_next_round(night: Night) -> None:
    await walks(night)
    assert SAID.format(n=9) in await shown(night, "/it/incidents/old9")
    async with night.store.write() as session:
        await erasures.erase_update(session, "old9", 1, "a password", "ada", night.now)
        await erasures.erase_name(session, "old9", "a name", "ada", night.now)
    await publishes(night)
    for path in ("/it/incidents/old9", "/incidents/old9", f"/en/history/{_key(9)}"):
        page = await shown(night, path)
        assert page
        assert SAID.format(n=9) not in page
        assert "Title 9" not in page


async def test_of_work_long_over_erased_words_vanish_too(night: Night) -> None:
    from statuspage.actions import maintenance_erasures  # noqa: PLC0415

    await walks(night)
    async with night.store.write() as session:
        await maintenance_erasures.erase_words(session, "work9", "a name", "ada", night.now)
    await publishes(night)
    for path in ("/maintenances/work9", f"/history/{_key(9)}"):
        page = await shown(night, path)
        assert page
        assert "New pipes 9" not in page


async def test_whatever_is_said_later_is_on_the_old_page(night: Night) -> None:
    await walks(night)
    settings, now = night.settings, night.now
    async with night.store.write() as session:
        told = {"what_happened": "Un disco era pieno.", "what_we_are_doing": "Guardiamo."}
        await translations.translate(session, settings, "old9", 1, "it", told, "ada", now)
    await publishes(night)
    assert "Un disco era pieno." in await shown(night, "/it/incidents/old9")

    async with night.store.write() as session:
        now_known = await standings(session, settings)
        word = Word(what_happened="Two disks were full.", what_we_are_doing="We look.", corrects=2)
        await updates.add_update(session, settings, "old9", word, now_known, "ada", night.now)
    await publishes(night)
    assert "Two disks were full." in await shown(night, "/en/incidents/old9")

    learned = Learned(
        what_happened="It was the log.",
        what_we_did="We emptied it.",
        how_we_prevent_it="We watch it.",
        actions=(Action("Watch the disks", night.now.date() + timedelta(days=3)),),
    )
    async with night.store.write() as session:
        await postmortems.publish(session, settings, "old9", learned, "ada", night.now)
    await publishes(night)
    assert "It was the log." in await shown(night, "/en/incidents/old9")
    assert "What we learned" in await shown(night, f"/en/history/{_key(9)}")

    night.later(days=5)
    await walks(night)
    page = await shown(night, "/en/incidents/old9")
    assert "Late, planned for" in page, "a promised day passes on an old page too"


async def test_what_was_taken_back_is_gone_from_the_past(night: Night) -> None:
    await walks(night)
    async with night.store.write() as session:
        (await session.get_one(Incident, "old9")).withdrawn_at = night.now
        await raise_revision(session, "old9")
    await publishes(night)
    assert not await shown(night, "/incidents/old9")
    assert "Title 9" not in await shown(night, f"/history/{_key(9)}")


async def test_a_restart_without_a_store_shows_the_past(night: Night) -> None:
    await walks(night)
    night.premises.archive.close()
    again = Archive(night.settings.site.state_dir)
    assert {one.page.language for one in again.find("/incidents/old10")} == {"en", "it"}
    assert again.find(f"/en/history/{_key(10)}")
    again.close()


async def test_while_the_disk_takes_nothing_the_past_is_shown_from_memory(
    night: Night, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await publishes(night)

    def full(*_: object) -> None:
        raise NotKept("database or disk is full")

    with monkeypatch.context() as disk:
        disk.setattr(Archive, "keep", full)
        async with night.store.write() as session:
            session.add(new := _incident(0))
            new.id, new.created_at = "new", night.now
            await raise_revision(session)
        await publishes(night)
        await publishes(night)
        assert SAID.format(n=2) in await shown(night, "/incidents/old2")
        assert caplog.text.count("could not be kept") == 1
    await publishes(night)
    assert "/incidents/old2" not in night.premises.memory.pages
    assert SAID.format(n=2) in await shown(night, "/incidents/old2")


async def test_what_was_erased_stays_on_no_disk_that_is_full(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    await walks(night)

    def full(*_: object) -> None:
        raise NotKept("database or disk is full")

    with monkeypatch.context() as disk:
        disk.setattr(Archive, "keep", full)
        async with night.store.write() as session:
            await erasures.erase_update(session, "old9", 1, "a password", "ada", night.now)
        await publishes(night)
        page = await shown(night, "/incidents/old9")
        assert "Title 9" in page
        assert SAID.format(n=9) not in page
    assert not Archive(night.settings.site.state_dir).find("/incidents/old9")
    await walks(night)
    assert "Title 8" in await shown(night, "/incidents/old8"), "and all else comes back"


@pytest.mark.parametrize("damage", ["zeros", "cut", "no database"])
async def test_a_damaged_archive_is_made_anew(night: Night, damage: str) -> None:
    await walks(night)
    night.premises.archive.close()
    file = night.settings.site.state_dir / FILE
    whole = file.read_bytes()
    half = whole[: len(whole) // 2 - 100]
    damaged = {
        "zeros": whole[:100] + bytes(len(whole) - 100),
        "cut": half,
        "no database": b"not a database" * 1000,
    }
    file.write_bytes(damaged[damage])
    await walks(night)
    await walks(night)
    for n in range(MONTHS):
        assert SAID.format(n=n) in await shown(night, f"/incidents/old{n}")


async def test_another_edition_reaches_old_pages(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    await walks(night)
    before = night.premises.archive.stamps(["/incidents/old10", f"/history/{_key(10)}"])
    monkeypatch.setattr(kept, "EDITION", "another")
    await walks(night)
    after = night.premises.archive.stamps([*before])
    assert all(before[path] != after[path] for path in before)
    await night.publish.past.walk(night.now)
    assert night.premises.archive.stamps([*before]) == after


async def test_the_archive_of_another_store_is_not_shown(night: Night) -> None:
    await walks(night)
    assert await shown(night, "/incidents/old10")
    night.premises.archive.note("house", "another")
    fresh = Night(night.store.url, night.settings.site.state_dir.parent)
    await fresh.publish.tick(night.now)
    assert not await shown(fresh, "/incidents/old10")
    await fresh.publish.close()
    await fresh.end()


async def test_an_old_page_that_cannot_be_rendered_stays_as_it_was(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    await walks(night)
    with monkeypatch.context() as broken:
        broken.setattr(incident, "template", lambda _: 1 / 0)
        broken.setattr(history, "template", lambda _: 1 / 0)
        async with night.store.write() as session:
            (await session.get_one(Incident, "old9")).name = "Another title"
            await raise_revision(session, "old9")
        with pytest.raises(ZeroDivisionError):
            await publishes(night)
        assert SAID.format(n=9) in await shown(night, "/incidents/old9")
        assert await shown(night, "/history")
    await walks(night)
    assert "Another title" in await shown(night, "/incidents/old9")
    assert "Another title" in await shown(night, f"/history/{_key(9)}")


async def test_a_view_of_the_past_asks_neither_store_nor_template(night: Night) -> None:
    await walks(night)
    await night.store.close()
    (night.store.file or Path()).unlink()
    assert SAID.format(n=9) in await shown(night, "/incidents/old9")
