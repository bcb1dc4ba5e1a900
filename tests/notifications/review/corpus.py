"""Which drafts are there to be judged, and what should be said of each?

``sentences.LANGUAGE.toml`` holds what each rule must flag and leave alone, ``letters`` whole
letters that are good. The record that they are held against: the Shop is out since 13:02 UTC.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from notifications.findings.draft import Draft, Record
from notifications.language import available

FOLDER = Path(__file__).parent
LANGUAGES = available()
RECORD = Record(
    started_at=datetime(2026, 11, 23, 13, 2, tzinfo=UTC),
    time_zone="Europe/Rome",
    components=frozenset({"Shop"}),
    others=frozenset({"Blog", "Account"}),
    words=frozenset({"acme", "shop", "blog", "account"}),
)


@dataclass(frozen=True)
class Line:
    """One draft, the rule it is about, and whether it must be flagged by it."""

    language: str
    rule: str
    must_flag: bool
    draft: Draft
    also: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        return " / ".join(text for _, text in self.draft.fields()) or "(empty)"


def lines(language: str) -> Iterator[Line]:
    for rule, told in _read("sentences", language).items():
        for key in sorted(told.keys() & {"flag", "leave"}):
            for one in told[key]:
                yield _line(language, rule, one, must_flag=key == "flag")


def unseen(language: str) -> Iterator[Line]:
    """To see how the rules fare with what they were not made for."""
    for rule, texts in _read("sentences", language)["unseen"].items():
        for text in texts:
            yield _line(language, rule, text, must_flag=True)


def letters(language: str) -> list[Draft]:
    """Each of an incident of its own, so that their times contradict no record."""
    record = replace(RECORD, started_at=None)
    drafts = (_draft(language, one) for one in _read("letters", language)["letters"])
    return [replace(draft, record=record) for draft in drafts]


@cache
def _read(name: str, language: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.{language}.toml").read_text(encoding="utf-8"))


def _line(language: str, rule: str, told: Any, *, must_flag: bool) -> Line:
    fields = {"what_happened": told} if isinstance(told, str) else dict(told)
    fields = _read("sentences", language)["filler"] | fields
    if rule == "joke":
        fields.setdefault("impact", "critical")
    also = frozenset(fields.pop("also", ()))
    return Line(language, rule, must_flag, _draft(language, fields), also)


def _draft(language: str, fields: dict[str, Any]) -> Draft:
    names = ("what_happened", "what_we_are_doing", "how_we_prevent_it")
    said = {name: fields[name] for name in fields if name not in names}
    parts = {name: fields.get(name, "") for name in names}
    return Draft(parts=parts, record=RECORD, **({"says_next": True} | said))
