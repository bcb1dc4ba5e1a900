"""What may a person say, and what is meant where they leave something out?"""

from datetime import UTC, datetime, timedelta

import pytest

from statuspage.rules.board import Words
from statuspage.rules.words import Word, faults, implied_status
from statuspage.vocabulary import Impact, Phase, Status

NOW = datetime(2026, 3, 1, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "where"),
    [
        (Word(components={"shop": None}), []),
        (Word(components={"shop": None, "shoe": None}), [("body", "components", "shoe")]),
        (Word(language="de"), [("body", "language")]),
        (Word(translations={"de": {}}), [("body", "translations", "de")]),
        (Word(next_update_by=NOW - timedelta(seconds=1)), [("body", "next_update_by")]),
        (Word(started_at=NOW + timedelta(seconds=1)), [("body", "started_at")]),
        (Word(false_alarm=True), [("body", "false_alarm")]),
        (Word(false_alarm=True, status=Phase.RESOLVED), []),
    ],
)
def test_each_field_that_is_wrong_is_named(word: Word, where: list[tuple[str, ...]]) -> None:
    assert [fault.loc for fault in faults(word, {"shop"}, ["en", "it"], NOW)] == where


@pytest.mark.parametrize(
    ("said", "impact", "by_checks", "meant"),
    [
        (Status.DEGRADED, Impact.CRITICAL, Status.MAJOR_OUTAGE, Status.DEGRADED),
        (None, Impact.CRITICAL, Status.OPERATIONAL, Status.MAJOR_OUTAGE),
        (None, None, Status.MAJOR_OUTAGE, Status.MAJOR_OUTAGE),
        (None, None, Status.OPERATIONAL, Status.PARTIAL_OUTAGE),
    ],
)
def test_who_does_not_say_how_bad_shuts_no_shop_that_answers(
    said: Status | None, impact: Impact | None, by_checks: Status, meant: Status
) -> None:
    assert implied_status(said, impact, by_checks) is meant


@pytest.mark.parametrize(
    ("italian", "read"),
    [
        ({"what_happened": "Uno.", "what_we_are_doing": "Due."}, ("Uno.", "Due.", None, "it")),
        ({"what_happened": "Uno."}, ("One.", "Two.", None, "en")),
        ({"what_happened": "Uno.", "what_we_are_doing": ""}, ("One.", "Two.", None, "en")),
    ],
)
def test_nobody_reads_two_languages_in_one_word(
    italian: dict[str, str | None], read: tuple[str, str, str | None, str]
) -> None:
    words = Words("en", "One.", "Two.", None, {"it": italian})
    assert words.read_in("it") == read
    assert words.read_in("en") == ("One.", "Two.", None, "en")
