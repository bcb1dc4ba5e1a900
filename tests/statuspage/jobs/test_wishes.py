"""Each is told exactly what they wished for, and a dry run counts just those."""

from __future__ import annotations

import random
import secrets
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col

from statuspage.actions import audience
from statuspage.tables import Announcement, Delivery, Incident, Share, Subscriber
from tests.servers.smtp import Relay
from tests.statuspage.api.office import flat
from tests.statuspage.jobs.town import HOUR, MINUTE, Town

EMPTY: dict[str, Any] = {}


async def join(town: Town, name: str, **wishes: Any) -> None:
    """Somebody asked for letters and said yes, now."""
    row = Subscriber(
        id=secrets.token_hex(8),
        address=f"{name}@example.org",
        language=wishes.pop("language", "en"),
        state="active",
        code=secrets.token_urlsafe(16),
        created_at=town.at,
        asked_at=town.at,
        confirmed_at=town.at,
        **wishes,
    )
    async with town.store.write() as session:
        session.add(row)


async def told(town: Town, announcement_id: str | None = None) -> list[str]:
    """Whom a word is for, by their names."""
    async with town.store.read() as session:
        found = await session.scalars(
            sa.select(col(Subscriber.address))
            .join(Delivery, col(Delivery.subscriber_id) == col(Subscriber.id))
            .where(col(Delivery.announcement_id) == announcement_id)
        )
        return sorted((address or "").partition("@")[0] for address in found)


async def says(town: Town, text: str = "A disk is full.", **values: Any) -> list[str]:
    """A word, and who was told it; a minute passes."""
    id = await town.tell(text, **values)
    await town.mail()
    town.at += MINUTE
    return await told(town, id)


async def becomes(town: Town, impact: str) -> None:
    async with town.store.write() as session:
        await session.execute(sa.update(Incident).values(impact=impact))


async def test_an_incident_that_becomes_worse_reaches_those_who_wait_for_that(town: Town) -> None:
    await join(town, "anna")
    await join(town, "bice", least_impact="major")
    await join(town, "carlo", least_impact="critical")
    town.at += HOUR
    await town.incident(impact="minor")
    assert await says(town) == ["anna"]
    await becomes(town, "major")
    assert await says(town) == ["anna", "bice"]
    await becomes(town, "minor")
    assert await says(town) == ["anna", "bice"], "the letter that they got promised another"
    assert await says(town, over=True) == ["anna", "bice"], "who was told nothing hears no end"


async def test_the_first_word_to_reach_them_and_the_last(town: Town) -> None:
    await join(town, "anna", ends_only=True)
    town.at += HOUR
    await town.incident(impact="minor")
    await town.tell("", occasion="noticed", facts=EMPTY, automatic=True)
    await town.mail()
    town.at += MINUTE
    await join(town, "bice", ends_only=True)
    assert await says(town, "We know more.") == ["bice"]
    assert await says(town, "And more.") == []
    assert await says(town, over=True) == ["anna", "bice"]


async def test_who_hears_the_ends_only_is_promised_no_time_between_them(
    town: Town, smtp: Relay
) -> None:
    await join(town, "anna")
    await join(town, "bice", ends_only=True)
    await join(town, "carla", ends_only=True, language="it")
    town.at += HOUR
    await town.incident()
    await says(town, "A disk is full.")
    (anna,), (bice,), (carla,) = [smtp.to(f"{n}@example.org") for n in ("anna", "bice", "carla")]
    assert "We will write again" in flat(anna.text)
    for letter, promise in (
        (bice, "As you chose, you will hear from us when it is over."),
        (carla, "Come ha scelto, Le scriveremo quando il disservizio sarà finito."),
    ):
        for form in (letter.text, letter.html):
            assert promise in flat(form)
            assert "We will write again" not in flat(form)
            assert "Le scriveremo di nuovo" not in flat(form)


async def test_who_says_yes_in_the_middle_hears_the_words_from_then_on(town: Town) -> None:
    await town.incident(impact="critical")
    assert await says(town) == []
    await join(town, "anna")
    assert await says(town) == ["anna"]
    await join(town, "bice")
    await join(town, "carlo", components=["blog"])
    await town.add("imported@example.org")
    assert await says(town, over=True) == ["anna", "bice"]


async def test_an_incident_on_three_components_is_one_letter(town: Town) -> None:
    await join(town, "anna", components=["shop", "blog"], groups=["Website"])
    await town.incident(cause="orders-db")
    async with town.store.write() as session:
        for id in ("shop", "blog"):
            session.add(Share(incident_id="inc1", component_id=id, role="affected"))
    assert await says(town) == ["anna"]
    assert len(await town.deliveries()) == 1


async def test_who_chose_what_stands_on_the_cause_is_told(town: Town) -> None:
    for name, wishes in (("anna", ["shop"]), ("bice", ["blog"])):
        await join(town, name, components=wishes)
    await town.incident(cause="orders-db")
    assert await says(town) == ["anna"]


async def test_only_this_time_is_the_last_word_and_nothing_else(town: Town) -> None:
    await town.incident()
    await join(town, "anna", only_incident_id="inc1")
    assert await says(town) == []
    assert await says(town, over=True) == ["anna"]
    await town.incident("inc2")
    assert await says(town, incident_id="inc2", over=True) == []


def some(chance: random.Random, of: Sequence[str]) -> list[str]:
    return chance.sample(of, chance.choice((0, 0, 1, 2)))


@pytest.mark.parametrize("seed", range(3))
async def test_a_dry_run_counts_exactly_those_who_are_told(town: Town, seed: int) -> None:
    """A crowd that wishes all sorts of things, through the whole life of two incidents."""
    chance = random.Random(seed)
    for id in ("inc1", "inc2"):
        await town.incident(id, cause=chance.choice(("orders-db", "shop", "blog")), impact="minor")
    counted = Counter[str]()
    words = ["noticed", "word", "word", "holding", "over", "corrected", "noticed", "over", "after"]
    for n, kind in enumerate(words):
        await crowd(town, chance, f"s{n}")
        town.at += MINUTE
        incident_id = chance.choice(("inc1", "inc2"))
        await becomes(town, chance.choice(("none", "minor", "major", "critical")))
        id = await town.tell(f"Word {n}", incident_id, over=kind == "over", **values_of(kind, n))
        async with town.store.read() as session:
            announcement = await session.get_one(Announcement, id)
            counts = await audience.by_language(session, town.settings, announcement)
        await town.spread()
        assert counts == await languages(town, id), (seed, n, kind)
        counted += Counter(counts)
        await town.deliver()
    assert counted.total() > 50, f"somebody was told something: {counted}"


def values_of(kind: str, n: int) -> dict[str, Any]:
    values: dict[str, dict[str, Any]] = {
        "noticed": {"occasion": "noticed", "automatic": True},
        "holding": {"occasion": "holding"},
        "corrected": {"occasion": "corrected", "only_told_of": n - 2},
        "after": {"occasion": "postmortem", "only_told": True},
    }
    return values.get(kind, {"update_n": n})


async def crowd(town: Town, chance: random.Random, name: str) -> None:
    for n in range(15):
        await join(
            town,
            f"{name}-{n}",
            language=chance.choice(("en", "it")),
            components=some(chance, ("orders-db", "shop", "blog")),
            groups=some(chance, ("Website", "Office")),
            least_impact=chance.choice(("none", "none", "minor", "major", "critical")),
            ends_only=chance.random() < 0.3,
            only_incident_id=chance.choice((None, None, None, "inc1")),
        )


async def languages(town: Town, announcement_id: str) -> dict[str, int]:
    async with town.store.read() as session:
        found = await session.execute(
            sa.select(col(Subscriber.language), sa.func.count())
            .join(Delivery, col(Delivery.subscriber_id) == col(Subscriber.id))
            .where(col(Delivery.announcement_id) == announcement_id)
            .group_by(col(Subscriber.language))
        )
        return {str(language): count for language, count in found}
