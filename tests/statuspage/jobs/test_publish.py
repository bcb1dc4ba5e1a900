"""What is shown when something of what is to be shown cannot be?"""

from __future__ import annotations

from pathlib import Path

import pytest

from statuspage.jobs import publish
from tests.statuspage.jobs.night import Night


async def test_a_page_that_cannot_be_written_leaves_no_gate_open(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = await Night(sqlite_url, tmp_path).begin()
    memory = night.premises.memory
    await night.sees(db=".", shop=".")
    await night.publish.tick(night.now)
    before, revision = dict(memory.pages), memory.revision
    await night.sees(db="xx", shop="55")

    def fails(*_: object) -> None:
        raise KeyError("a word is missing")

    with monkeypatch.context() as broken:
        broken.setattr(publish, "render", fails)
        with pytest.raises(KeyError):
            await night.publish.tick(night.now)
    assert "shop" in memory.shut_gates
    assert dict(memory.pages) == before, "what was shown last stays"
    assert memory.revision == revision, "nobody is told that the new revision is shown"
    await night.publish.tick(night.now)
    assert memory.revision > revision
    await night.end()
