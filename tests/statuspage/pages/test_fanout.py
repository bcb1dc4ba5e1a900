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


def test_nothing_where_nobody_was_written_to() -> None:
    assert said(None) is None
    assert said(Fanout(refused=3)) is None
