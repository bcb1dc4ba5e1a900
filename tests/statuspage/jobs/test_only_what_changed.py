"""Whatever happens in whatever order: are the pages those that would be rendered from nothing?

Between two rounds views, entries and bodies are kept that have not changed. Here a night takes
any course, and after each step all that is shown is compared with what is read, composed and
rendered anew, of the same store at the same moment.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import (
    acknowledgements,
    components,
    erasures,
    planning,
    postmortems,
    translations,
    undo,
    updates,
)
from statuspage.errors import Conflict, Invalid, Unknown
from statuspage.jobs.faring import Faring
from statuspage.jobs.maintain import maintain
from statuspage.jobs.rows import read_rows
from statuspage.memory import Page
from statuspage.pages import render
from statuspage.pages.again import Again
from statuspage.rules.composing import compose
from statuspage.rules.maintenances import Plan
from statuspage.rules.occurrences import Window
from statuspage.rules.postmortems import Action, Learned
from statuspage.rules.words import Word
from statuspage.vocabulary import Phase, Status
from tests.statuspage.jobs.night import Night

Course = list[tuple[str, int]]
"""What happens, and to which of those that there are."""


class Story:
    """A night that takes its course."""

    def __init__(self, night: Night) -> None:
        self.night = night
        self.told: list[str] = []
        """Incidents by id."""

    async def go(self, kind: str, which: int) -> bool:
        """What may not be done is not done; whether it was."""
        try:
            await STEPS[kind](self, which)
        except (Conflict, Invalid, Unknown):
            return False
        return True

    def one(self, which: int) -> str:
        if not self.told:
            raise Unknown("nothing has happened yet")
        return self.told[which % len(self.told)]

    async def acts(self, act: Callable[[AsyncSession], Awaitable[object]]) -> object:
        async with self.night.store.write() as session:
            return await act(session)


async def _fails(story: Story, which: int) -> None:
    await story.night.sees(**[{"db": "xx", "shop": "55"}, {"blog": "xx"}, {"shop": "5"}][which % 3])
    story.told = [row.id for row in await story.night.incidents()]


async def _recovers(story: Story, which: int) -> None:
    await story.night.sees(db="..", shop="..", blog="..")


async def _waits(story: Story, which: int) -> None:
    story.night.later(seconds=[1, 60, 3_700, 40_000, 700_000][which % 5])
    await story.night.reminds()
    await maintain(story.night.premises, story.night.now)
    await story.night.settles()


async def _opens(story: Story, which: int) -> None:
    night, shop = story.night, {"shop": Status.MAJOR_OUTAGE if which % 2 else None}
    name = f"Title {which}" if which % 3 else None
    word = replace(_word(which), name=name, components=shop)
    known = await night.standings()
    made = await story.acts(
        lambda s: updates.open_incident(s, night.settings, word, known, "ada", night.now)
    )
    assert isinstance(made, tuple)
    story.told.append(made[0].id)


async def _says(story: Story, which: int) -> None:
    night, id = story.night, story.one(which)
    status = [None, Phase.IDENTIFIED, Phase.MONITORING, Phase.RESOLVED][which % 4]
    word = replace(_word(which), status=status)
    known = await night.standings()
    await story.acts(
        lambda s: updates.add_update(s, night.settings, id, word, known, "ada", night.now)
    )


async def _corrects(story: Story, which: int) -> None:
    night, id = story.night, story.one(which)
    word = replace(_word(which + 100), corrects=_number(which))
    known = await night.standings()
    await story.acts(
        lambda s: updates.add_update(s, night.settings, id, word, known, "ada", night.now)
    )


async def _translates(story: Story, which: int) -> None:
    night, id = story.night, story.one(which)
    told = {"what_happened": f"Un disco {which}.", "what_we_are_doing": "Guardiamo."}
    await story.acts(
        lambda s: translations.translate(
            s, night.settings, id, _number(which), "it", told, "ada", night.now
        )
    )


async def _erases(story: Story, which: int) -> None:
    night, id = story.night, story.one(which)
    if which % 2:
        await story.acts(lambda s: erasures.erase_name(s, id, "a name", "ada", night.now))
    else:
        await story.acts(
            lambda s: erasures.erase_update(s, id, _number(which), "a word", "ada", night.now)
        )


async def _withdraws(story: Story, which: int) -> None:
    night, id = story.night, story.one(which)
    await story.acts(
        lambda s: undo.withdraw_update(
            s, night.settings, id, _number(which), "wrong", "ada", night.now
        )
    )


async def _acknowledges(story: Story, which: int) -> None:
    night, id = story.night, story.one(which)
    await story.acts(
        lambda s: acknowledgements.acknowledge(s, night.settings, id, "ada", night.now)
    )


async def _learns(story: Story, which: int) -> None:
    night, id = story.night, story.one(which)
    learned = Learned(
        what_happened=f"It was disk {which}.",
        what_we_did="We emptied it.",
        how_we_prevent_it="We watch it.",
        actions=(Action("Watch it", night.now.date() + timedelta(days=which % 4)),),
    )
    await story.acts(
        lambda s: postmortems.publish(s, night.settings, id, learned, "ada", night.now)
    )


async def _holds(story: Story, which: int) -> None:
    status = [None, Status.DEGRADED, Status.MAJOR_OUTAGE][which % 3]
    await story.acts(lambda s: components.hold(s, "blog", status, None, "ada", story.night.now))


async def _plans(story: Story, which: int) -> None:
    night, begins = story.night, story.night.now + timedelta(hours=which % 30)
    plan = Plan(
        window=Window(begins, begins + timedelta(hours=1)),
        components=("shop", "blog") if which % 2 else ("blog",),
        name=f"Pipes {which}" if which % 3 else None,
        body="New pipes.",
    )
    await story.acts(lambda s: planning.plan(s, night.settings, plan, "ada", night.now))


def _number(which: int) -> int:
    """Of a word."""
    return which // 8 % 4 + 1


def _word(which: int) -> Word:
    return Word(
        what_happened=f"Disk {which} is full.", what_we_are_doing=f"We look at disk {which}."
    )


STEPS = {
    "fails": _fails,
    "recovers": _recovers,
    "waits": _waits,
    "opens": _opens,
    "says": _says,
    "corrects": _corrects,
    "translates": _translates,
    "erases": _erases,
    "withdraws": _withdraws,
    "acknowledges": _acknowledges,
    "learns": _learns,
    "holds": _holds,
    "plans": _plans,
}
ORDINARY: Course = [
    ("fails", 0), ("acknowledges", 0), ("says", 1), ("translates", 16), ("recovers", 0),
    ("says", 3), ("waits", 2), ("fails", 1), ("corrects", 16), ("waits", 2), ("learns", 0),
    ("waits", 3), ("holds", 1), ("plans", 3), ("erases", 16), ("waits", 3), ("erases", 1),
    ("opens", 1), ("withdraws", 2), ("waits", 4), ("says", 7), ("plans", 0), ("waits", 2),
]  # fmt: skip


async def follow(course: Course, url: str, folder: Path) -> set[str]:
    """Answers what could be done; the pages are right after each step."""
    night = await Night(url, folder).begin()
    story, done = Story(night), set[str]()
    try:
        for n, (kind, which) in enumerate(course):
            done |= {kind} if await story.go(kind, which) else set()
            night.later(seconds=5)
            expected = await from_nothing(night)
            await night.publish.tick(night.now)
            paths = night.premises.memory.pages.values()
            shown = [one.page for variants in paths for one in variants]
            assert differing(shown, expected) == [], f"after step {n}, {kind}"
    finally:
        await night.publish.close()
        await night.end()
    return done


async def from_nothing(night: Night) -> list[Page]:
    """What the next round is to show, with nothing remembered."""
    async with night.store.read() as session:
        rows = await read_rows(session, night.settings, night.now)
        fared = await faring_anew(night).of_all(session, rows, night.now)
    rows = replace(rows, lately=night.publish._showing.lately, fared=fared)
    board = compose(night.settings, rows, night.now)
    board = replace(board, speeds=night.publish.speeds.of_all)
    with pytest.MonkeyPatch.context() as anew:
        anew.setattr(Again, "__call__", _made_anew)
        rendered = render(board, night.settings.site.languages)
    assert rendered.faults == ()
    return list(rendered.pages)


def faring_anew(night: Night) -> Faring:
    """It knows when somebody looked, which is read now and then, and nothing of what was said."""
    fresh, known = Faring(night.premises), night.publish.faring
    fresh._looked, fresh._over, fresh._read_at = known._looked, known._over, known._read_at
    return fresh


def differing(shown: list[Page], expected: list[Page]) -> list[str]:
    """Their paths, and those of one that are not of the other."""
    mine, theirs = _by_key(shown), _by_key(expected)
    return sorted({key[0] for key in {*mine, *theirs} if mine.get(key) != theirs.get(key)})


def _by_key(pages: list[Page]) -> dict[tuple[str, str | None, str], Page]:
    return {(one.path, one.language, one.media_type): one for one in pages}


def _made_anew(self: Again[object, object, object], asked: dict[object, object]) -> object:
    return {key: self._make(given) for key, given in asked.items()}


async def test_through_an_ordinary_outage_and_all_that_follows(
    sqlite_url: str, tmp_path: Path
) -> None:
    assert await follow(ORDINARY, sqlite_url, tmp_path) == STEPS.keys()


@pytest.mark.slow
@pytest.mark.timeout(300)
@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 60)), max_size=14))
def test_whatever_course_it_takes(migrated_sqlite: Path, course: Course) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(migrated_sqlite, f"{folder}/avviso.db")
        asyncio.run(follow(course, f"sqlite:///{folder}/avviso.db", Path(folder)))
