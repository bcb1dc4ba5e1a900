"""How fast customers were told is said plainly, rounded up, and without their number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from statuspage.pages.fanout import how_fast
from statuspage.pages.reader import Reader
from statuspage.rules.fanouts import Fanout
from tests.statuspage.pages.boards import board


def said(fanout: Fanout | None, language: str = "en", *, counts: bool = False) -> str | None:
    told = board()
    shown = replace(told, site=replace(told.site, publishes_counts=counts))
    return how_fast(fanout, Reader.of(language, shown))


def went(sent: int, half: float, last: float) -> Fanout:
    return Fanout(sent=sent, first_s=0.1, p50_s=half, p95_s=last, p99_s=last, last_s=last)


MANY, ONE, SLOW = went(24_310, 4, 30.2), went(1, 0.4, 0.4), went(9, 99.5, 7100)


@pytest.mark.parametrize(
    ("fanout", "english", "italian"),
    [
        pytest.param(
            MANY,
            "Half of those who asked were written to within 4 seconds, the last after 31 seconds.",
            "Abbiamo scritto a metà di chi lo aveva chiesto entro 4 secondi, "
            "all’ultimo dopo 31 secondi.",
            id="many",
        ),
        pytest.param(
            ONE,
            "Those who asked were written to within 1 second.",
            "Abbiamo scritto entro 1 secondo a chi lo aveva chiesto.",
            id="at once",
        ),
        pytest.param(
            SLOW,
            "Half of those who asked were written to within 2 minutes, "
            "the last after 1 hour and 59 minutes.",
            "Abbiamo scritto a metà di chi lo aveva chiesto entro 2 minuti, "
            "all’ultimo dopo 1 ora e 59 minuti.",
            id="slowly",
        ),
    ],
)
def test_in_one_sentence(fanout: Fanout, english: str, italian: str) -> None:
    assert said(fanout) == english
    assert said(fanout, "it") == italian


def test_the_number_of_people_only_where_it_is_published() -> None:
    assert said(MANY, counts=True) == (
        "24,310 people were written to: half within 4 seconds, the last after 31 seconds."
    )
    assert said(ONE, counts=True) == "1 person was written to, within 1 second."
    assert said(MANY, "it", counts=True) == (
        "Abbiamo scritto a 24.310 persone: a metà di loro entro 4 secondi, "
        "all’ultima dopo 31 secondi."
    )
    assert said(ONE, "it", counts=True) == "Abbiamo scritto a 1 persona, entro 1 secondo."


WAITING = replace(MANY, queued=60)


def test_that_some_are_still_tried_is_said() -> None:
    assert said(WAITING) == (
        "Of those whom we have reached so far, half were written to within 4 seconds, "
        "the last after 31 seconds. We are still trying to reach 3 in 1,000."
    )
    assert said(WAITING, "it") == (
        "Di chi abbiamo raggiunto finora, a metà abbiamo scritto entro 4 secondi, "
        "all’ultimo dopo 31 secondi. Stiamo ancora provando a raggiungere 3 persone su 1.000."
    )
    assert said(replace(ONE, queued=10_000)) == (
        "Those whom we have reached so far were written to within 1 second. "
        "We are still trying to reach 999 in 1,000."
    )
    assert said(replace(WAITING, queued=0, hooks_queued=3)) == said(MANY), "no people"


def test_how_many_are_still_tried_only_where_numbers_are_published() -> None:
    assert said(WAITING, counts=True) == (
        "24,310 people were written to: half within 4 seconds, the last after 31 seconds. "
        "We are still trying to reach 60 more."
    )
    assert said(replace(ONE, queued=1), "it", counts=True) == (
        "Abbiamo scritto a 1 persona, entro 1 secondo. "
        "Stiamo ancora provando a raggiungere un’altra persona."
    )


def test_nothing_where_nobody_was_written_to() -> None:
    assert said(None) is None
    assert said(Fanout(refused=3)) is None
