"""Which times of day stand in a text, in which zone, and do they fit the record?

A zone anywhere in a sentence is that of all its times. What is said of the start is held
against the record's; some minutes are forgiven, for nobody looks at a clock first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from notifications import language
from notifications.findings.draft import Draft, Record
from notifications.findings.finding import USUALLY, Finding
from notifications.findings.rulebook import Rulebook, whole_words
from notifications.findings.sentences import Sentence, plain, sentences

FORGIVEN = timedelta(minutes=10)
_DAY = timedelta(days=1)
_ZONE = re.compile(
    r"(?<!\w)(UTC|GMT|Z|[A-Z]{2,4}T|[A-Z]{1,3}ST)(?:[+-]\d{1,2}(?::?\d\d)?)?(?!\w)"
    r"|(?<=\d)Z(?!\w)|(?<=\d) ?[+-]\d\d:?\d\d(?!\d)"
)


@dataclass(frozen=True, slots=True)
class _Clock:
    """A time of day as it stands in a sentence."""

    start: int
    end: int
    at: timedelta


def find(draft: Draft, rules: Rulebook) -> Iterator[Finding]:
    for field, text in draft.fields():
        for sentence in sentences(plain(text)):
            clocks = list(_clocks(sentence.text, rules))
            if clocks:
                yield from _without_zone(draft.record, rules, field, text, sentence, clocks)
                yield from _another_start(draft.record, rules, field, text, sentence, clocks)


def _clocks(text: str, rules: Rulebook) -> Iterator[_Clock]:
    taken: set[int] = set()
    for pattern in _patterns(rules):
        for hit in pattern.finditer(text):
            start = hit.start("h")
            if start in taken:
                continue
            taken.add(start)
            told = hit.groupdict()
            hour, minute = int(told["h"]), int(told.get("m") or 0)
            if told.get("half"):
                hour = hour % 12 + (12 if told["half"].lower() == "p" else 0)
            yield _Clock(start, hit.end(), timedelta(hours=hour, minutes=minute))


def _patterns(rules: Rulebook) -> Iterator[re.Pattern[str]]:
    return (whole_words((one,)) for one in rules.table["times"]["clock"])


def _without_zone(
    record: Record, rules: Rulebook, field: str, text: str, sentence: Sentence, clocks: list[_Clock]
) -> Iterator[Finding]:
    named = whole_words(tuple(rules.table["times"]["zone"]))
    if _ZONE.search(sentence.text) or named.search(sentence.text):
        return
    rule, zone = rules["time_without_zone"], _name_of(record)
    for clock in clocks:
        start, end = sentence.start + clock.start, sentence.start + clock.end
        told = language.load(rules.code).text("time.with_zone", time=text[start:end], zone=zone)
        yield Finding(
            rule=rule.name,
            severity=USUALLY[rule.name],
            where=f"{field}:{start}-{end}",
            text=text[start:end],
            suggestion=told,
            reason=rule.reason,
        )


def _name_of(record: Record) -> str:
    """The site's zone as it is called at that time of the year; UTC where nothing is known."""
    if record.started_at is None:
        return record.time_zone if record.time_zone == "UTC" else ZoneInfo(record.time_zone).key
    return record.started_at.astimezone(ZoneInfo(record.time_zone)).tzname() or record.time_zone


def _another_start(
    record: Record, rules: Rulebook, field: str, text: str, sentence: Sentence, clocks: list[_Clock]
) -> Iterator[Finding]:
    began = record.started_at
    rule = rules["contradicts_record"]
    if began is None or rule.unless.search(sentence.text):
        return
    since = rule.pattern("since")
    for clock in clocks:
        before = sentence.text[: clock.start].rstrip()
        introduced = any(hit.end() == len(before) for hit in since.finditer(before))
        zone = _zone_of(sentence.text, clock, record) if introduced else None
        if zone is None or _apart(began.astimezone(zone), clock.at) <= FORGIVEN:
            continue
        start, end = sentence.start + clock.start, sentence.start + clock.end
        yield Finding(
            rule=rule.name,
            severity=USUALLY[rule.name],
            where=f"{field}:{start}-{end}",
            text=text[start:end],
            suggestion=language.load(rules.code).time(began, record.time_zone),
            reason=rule.table["start"],
        )


def _zone_of(text: str, clock: _Clock, record: Record) -> tzinfo | None:
    """None where it is one that we cannot tell."""
    site = ZoneInfo(record.time_zone)
    said = _ZONE.search(text, clock.end)
    if said is None:
        return site
    began = record.started_at
    if began is not None and said[0] == began.astimezone(site).tzname():
        return site
    return UTC if said[0] in ("UTC", "GMT", "Z") else None


def _apart(began: datetime, said: timedelta) -> timedelta:
    """Round the clock: 23:58 and 00:03 are five minutes apart."""
    there = timedelta(hours=began.hour, minutes=began.minute)
    between = abs(there - said)
    return min(between, _DAY - between)
