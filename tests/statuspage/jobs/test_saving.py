"""Is the disk spared while pages change all the time, and does it keep nothing that was erased?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from statuspage import snapshots
from statuspage.actions import erasures, updates
from statuspage.actions.revision import raise_revision
from statuspage.jobs import saving
from statuspage.rules.words import Word
from tests.statuspage.jobs.night import Night
from tests.statuspage.serving import eventually


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The revisions that were written; between two of them the disk rests for an hour."""
    revisions, really = list[int](), snapshots.save

    def save(*given: Any, **named: Any) -> None:
        really(*given, **named)
        revisions.append(named["revision"])

    monkeypatch.setattr(snapshots, "save", save)
    monkeypatch.setattr(saving, "PAUSE_S", 3600)
    return revisions


@pytest.fixture
async def night(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Night]:
    night = await Night(sqlite_url, tmp_path).begin()
    yield night
    await night.end()


async def changes(night: Night) -> None:
    async with night.store.write() as session:
        await raise_revision(session)
    await night.publish.tick(night.now)


async def test_many_changes_are_written_as_one_and_the_last_before_we_end(
    night: Night, saved: list[int]
) -> None:
    await changes(night)
    await eventually(lambda: len(saved) == 1)
    for _ in range(5):
        await changes(night)
    assert len(saved) == 1
    await night.publish.close()
    assert saved == [saved[0], night.premises.memory.revision]
    assert saved[1] == saved[0] + 5


async def test_what_was_erased_leaves_the_disk_at_once(night: Night, saved: list[int]) -> None:
    word = Word(
        name="Title", what_happened="The password is hunter2.", what_we_are_doing="We look."
    )
    known = await night.standings()
    async with night.store.write() as session:
        made = await updates.open_incident(session, night.settings, word, known, "ada", night.now)
    await night.publish.tick(night.now)
    await eventually(lambda: len(saved) == 1)
    folder = night.settings.site.state_dir
    assert _has(folder, b"hunter2")
    async with night.store.write() as session:
        await erasures.erase_update(session, made[0].id, 1, "a password", "ada", night.now)
    await night.publish.tick(night.now)
    await eventually(lambda: len(saved) == 2)
    assert not _has(folder, b"hunter2")
    await night.publish.close()


def _has(folder: Path, word: bytes) -> bool:
    return any(word in file.read_bytes() for file in folder.rglob("*") if file.is_file())
