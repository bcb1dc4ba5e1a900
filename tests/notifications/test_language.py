"""Is every language whole, and are its times, numbers and choices right?"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from notifications.findings import rulebook
from notifications.findings.finding import USUALLY
from notifications.language import available, choose, load

AT = datetime(2026, 10, 25, 13, 2, tzinfo=UTC)
OWN = ("about.", "time.with_day_of.", "time.written_day.", "words.not_names")
"""What belongs to one language alone."""


def _texts(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, Mapping) and "other" not in value:
            yield from _texts(value, f"{above}{key}.")
        else:
            yield above + key, value


def _names(value: Any) -> set[str]:
    forms = value.values() if isinstance(value, Mapping) else [value]
    return {name for text in forms for _, name, _, _ in string.Formatter().parse(text) if name}


def _lacks(code: str) -> list[str]:
    """Each key of English that a language lacks, holds for nothing, or fills with other names."""
    own, english = (dict(_texts(load(which).table)) for which in (code, "en"))
    lacking = []
    for key, value in english.items():
        if key.startswith(OWN):
            continue
        if key not in own:
            lacking.append(f"{key}: missing")
        elif not isinstance(value, list) and _names(own[key]) - {"n"} != _names(value) - {"n"}:
            lacking.append(f"{key}: other names in braces than {sorted(_names(value))}")
    unknown = [key for key in own if key not in english and not key.startswith(OWN)]
    return lacking + [f"{key}: English has no such text" for key in unknown]


@pytest.mark.parametrize("code", available())
def test_every_language_has_all_that_english_has(code: str) -> None:
    assert _lacks(code) == []


@pytest.mark.parametrize("code", available())
def test_every_language_has_the_rules_of_a_review(code: str) -> None:
    """Patterns are a language's own; which rules there are, and what each says, is not."""
    own, english = (dict(_texts(rulebook.load(which).table)) for which in (code, "en"))
    lists = ("rules.jargon.says.", "rules.spelling.says.", "spelling.also.")
    shared = {key for key in english if not key.startswith(lists)}
    assert shared - own.keys() == set()
    assert {key for key in own if not key.startswith(lists)} - english.keys() == set()
    assert set(rulebook.load(code).rules) == set(USUALLY)
    empty = ("rules.empty_apology.unless", "spelling.after_apostrophe")
    assert [key for key, value in own.items() if value in ("", [], {}) and key not in empty] == []


@pytest.mark.parametrize("code", available())
def test_no_text_is_empty(code: str) -> None:
    assert [key for key, value in _texts(load(code).table) if value in ("", [], {})] == []


def test_english_comes_first_and_italian_is_there() -> None:
    assert available()[0] == "en"
    assert "it" in available()


def test_a_language_without_file_is_an_error() -> None:
    with pytest.raises(LookupError):
        load("../en")


def test_a_missing_key_a_table_and_a_missing_value_are_errors() -> None:
    english = load("en")
    for key in ("words.nothing_of_the_kind", "words", "words.next_word_by"):
        with pytest.raises(KeyError):
            english.text(key)


def test_a_value_with_braces_is_not_read_again() -> None:
    assert "{0.__class__}" in load("en").text("words.next_word_by", time="{0.__class__}")


@pytest.mark.parametrize(
    ("zone", "english", "italian"),
    [
        ("Europe/Rome", "14:02 CET", "14:02 (CET)"),
        ("UTC", "13:02 UTC", "13:02 (UTC)"),
        ("America/Sao_Paulo", "10:02 UTC-3", "10:02 (UTC-3)"),
        ("Asia/Kathmandu", "18:47 UTC+5:45", "18:47 (UTC+5:45)"),
        ("Asia/Tokyo", "22:02 JST", "22:02 (JST)"),
    ],
)
def test_times_bear_the_name_of_their_zone(zone: str, english: str, italian: str) -> None:
    assert load("en").time(AT, zone) == english
    assert load("it").time(AT, zone) == italian


def test_the_two_half_past_twos_of_autumn_differ() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert load("en").time(first, "Europe/Rome") == "02:30 CEST"
    assert load("en").time(first + timedelta(hours=1), "Europe/Rome") == "02:30 CET"


@pytest.mark.parametrize(
    ("at", "english", "italian"),
    [
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), "23:59 CET", "23:59 (CET)"),
        (
            datetime(2026, 10, 25, 23, 0, tzinfo=UTC),
            "00:00 CET on 26 October",
            "00:00 (CET) del 26 ottobre",
        ),
        (
            datetime(2026, 11, 8, 9, tzinfo=UTC),
            "10:00 CET on 8 November",
            "10:00 (CET) dell’8 novembre",
        ),
        (
            datetime(2027, 1, 1, 9, tzinfo=UTC),
            "10:00 CET on 1 January 2027",
            "10:00 (CET) del 1º gennaio 2027",
        ),
    ],
)
def test_another_day_is_named_the_same_day_is_not(at: datetime, english: str, italian: str) -> None:
    assert load("en").time(at, "Europe/Rome", AT) == english
    assert load("it").time(at, "Europe/Rome", AT) == italian


def test_moments_and_dates() -> None:
    assert load("en").moment(AT, "Europe/Rome") == "14:02 CET on 25 October 2026"
    assert load("it").moment(AT, "Europe/Rome") == "14:02 (CET) del 25 ottobre 2026"
    assert load("en").date(AT, "Europe/Rome") == "25 October 2026"
    assert load("it").date(AT.replace(day=1), "Europe/Rome") == "1º ottobre 2026"


@pytest.mark.parametrize(
    ("length", "english", "italian"),
    [
        (timedelta(seconds=20), "less than a minute", "meno di un minuto"),
        (timedelta(minutes=1), "1 minute", "1 minuto"),
        (timedelta(minutes=21, seconds=4), "21 minutes", "21 minuti"),
        (timedelta(minutes=59, seconds=45), "1 hour", "1 ora"),
        (timedelta(hours=2, minutes=5), "2 hours and 5 minutes", "2 ore e 5 minuti"),
        (timedelta(days=1, minutes=5), "1 day", "1 giorno"),
        (timedelta(days=2, hours=1), "2 days and 1 hour", "2 giorni e 1 ora"),
    ],
)
def test_durations(length: timedelta, english: str, italian: str) -> None:
    assert load("en").duration(length) == english
    assert load("it").duration(length) == italian


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (None, "en"),
        ("", "en"),
        ("it", "it"),
        ("it-CH", "it"),
        ("IT-ch", "it"),
        ("de, fr", "en"),
        ("de, it;q=0.5", "it"),
        ("it;q=0.7, en;q=0.8", "en"),
        ("en;q=0.7,it;q=0.8", "it"),
        ("en;q=0", "it"),
        ("en;q=0, it;q=0", "en"),
        ("en;q=0, *", "it"),
        ("*", "en"),
        ("it;q=nonsense, en;q=0.1", "en"),
        (";;;,,q=,it;q=2", "en"),
        ("x" * 100_000 + ", it", "en"),
    ],
)
def test_the_reader_chooses(header: str | None, chosen: str) -> None:
    assert choose(header, ["en", "it"]) == chosen
