"""Is every letter under 30 kB, whatever a person or a configuration says?"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from notifications.changes import Action
from notifications.facts import (
    ActionsDone,
    Affected,
    Corrected,
    Facts,
    Merged,
    Record,
    Said,
    Words,
)
from notifications.language import available, load
from notifications.letter import personal, write
from notifications.mime import message
from notifications.phrases import PARTS
from tests.notifications.examples import (
    BY_CODE,
    INCIDENT,
    INTERNAL,
    NOTICED,
    PLACES,
    PLANNED,
    POSTMORTEM,
    SHOP,
    SITE,
    START,
    WORDED,
)
from tests.notifications.parcels import PARCEL


def of(letter: str, length: int) -> str:
    return (letter * length)[:length]


def largest(letter: str) -> dict[str, Facts]:
    """The most of everything that a person, or a configuration with sixty components, can say."""
    words = Words(**dict.fromkeys(PARTS, of(letter, 20_000)))
    other = Words(**dict.fromkeys(PARTS, of(letter, 19_999)))
    said = Said(words=words, language="en", translations={"it": words})
    notice = {code: of(letter, 300) for code in available()}
    affected = tuple(
        Affected(name=f"{n} {of(letter, 100)}", when_down=notice, still_works=notice)
        for n in range(60)
    )
    incident = replace(INCIDENT, name=of(letter, 200), affected=affected)
    action = Action(
        text=of(letter, 300),
        language="en",
        due=START.date(),
        translations={"it": of(letter, 300)},
    )
    gift = of(letter, 1000)
    record = tuple(Record(name=f"{n} {of(letter, 100)}", percent=99.98) for n in range(60))
    learned = replace(
        POSTMORTEM,
        incident=incident,
        said=said,
        actions=(action,) * 20,
        credit=replace(BY_CODE, text=gift, translations={"it": gift}),
        record=record,
    )
    told = replace(WORDED, incident=incident, said=said)
    return {
        "postmortem": learned,
        "actions done": ActionsDone(
            incident=incident, said_at=START, actions=(replace(action, done=START.date()),) * 20
        ),
        "corrected": Corrected(
            incident=incident,
            status="identified",
            said_at=START,
            wrote_at=START,
            said=said,
            before=replace(said, words=other, translations={"it": other}),
        ),
        "merged": Merged(parts=(*(told,) * 9, replace(told, incident=INTERNAL), learned)),
        "noticed": replace(NOTICED, incident=incident),
        "planned": replace(
            PLANNED,
            maintenance=replace(
                PLANNED.maintenance,
                name=of(letter, 200),
                body=of(letter, 20_000),
                translations={},
                names=tuple(one.name for one in affected),
            ),
        ),
    }


@pytest.mark.parametrize("code", available())
@pytest.mark.parametrize("letter", ["e ", "è", "長", "\N{WRENCH}"])
def test_the_largest_letter_that_can_be_said_is_under_30_kb(code: str, letter: str) -> None:
    for name, facts in largest(letter).items():
        written = personal(write(facts, SITE, load(code)), PLACES)
        sent = message(replace(PARCEL, text=written.text, html=written.html))
        assert len(sent) < 30_000, name
        if name == "postmortem":
            assert "ACME-7F3K-Q2PM" in written.text
            assert load(code).text("words.more") in " ".join(written.text.split())


def test_of_sixty_components_a_letter_names_some_and_says_how_many_more() -> None:
    affected = tuple(
        replace(SHOP, name=f"The shop of town number {n}", when_down={"en": "It is shut. " * 9})
        for n in range(60)
    )
    written = write(
        replace(NOTICED, incident=replace(INCIDENT, affected=affected)), SITE, load("en")
    )
    assert "The shop of town number 0, " in written.subject
    assert re.search(r"and \d\d more", written.subject)
