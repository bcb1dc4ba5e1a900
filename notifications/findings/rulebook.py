"""Which rules has a language, and how are they read from its file?

One TOML file a language, in ``languages/review/``. A rule has its ``reason`` and an example
of ``better``, which ``suggestion`` tells as one. ``says`` are patterns of whole words in any
case, a space standing for any white space; where it is a table, each pattern brings what to
write instead. ``signs`` are patterns taken as they stand. A sentence in which ``unless`` is
found is left alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_FOLDER = files("notifications") / "languages" / "review"
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a text, and what to write there."""

    start: int
    end: int
    instead: str


@dataclass(frozen=True)
class Rule:
    name: str
    reason: str
    better: str
    suggestion: str
    says: re.Pattern[str]
    signs: re.Pattern[str]
    unless: re.Pattern[str]
    instead: tuple[tuple[re.Pattern[str], str], ...]
    any_instead: re.Pattern[str]
    """Whether any of those is found: mostly none is, and then they need not be tried in turn."""
    table: Mapping[str, Any]
    """All that the file says of this rule, for what only one rule has."""

    def find(self, text: str) -> Iterator[Found]:
        """Every place in a sentence that the rule speaks of."""
        if self.unless.search(text):
            return
        for pattern in (self.says, self.signs):
            for hit in pattern.finditer(text):
                yield Found(hit.start(), hit.end(), self.suggestion)
        for pattern, words in self.instead if self.any_instead.search(text) else ():
            for hit in pattern.finditer(text):
                yield Found(hit.start(), hit.end(), hit.expand(words))

    def missing(self, field: str) -> str:
        """An example of a part that is not there."""
        examples = self.table["examples"]
        return self.suggestion.replace(self.better, examples.get(field, self.better))

    def pattern(self, key: str) -> re.Pattern[str]:
        """One more list of patterns of whole words."""
        return whole_words(tuple(self.table[key]))


@dataclass(frozen=True)
class Rulebook:
    code: str
    rules: Mapping[str, Rule]
    table: Mapping[str, Any]

    def __getitem__(self, name: str) -> Rule:
        return self.rules[name]


@cache
def load(code: str) -> Rulebook:
    """Raises ``LookupError`` for a language that has no rules."""
    file = _FOLDER / f"{code}.toml"
    if not file.is_file():
        raise LookupError(f"no rules for a review in {code!r}")
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    example = str(table["example"])
    rules = {name: _rule(name, told, example) for name, told in table["rules"].items()}
    return Rulebook(code, rules, table)


def _rule(name: str, told: Mapping[str, Any], example: str) -> Rule:
    says = told.get("says", ())
    tabled = tuple(says.items()) if isinstance(says, Mapping) else ()
    return Rule(
        name=name,
        reason=told["reason"],
        better=told["better"],
        suggestion=example.format(better=told["better"]),
        says=_NEVER if tabled else whole_words(tuple(says)),
        signs=_any(told.get("signs", ())),
        unless=whole_words(tuple(told.get("unless", ()))),
        instead=tuple((whole_words((pattern,)), words) for pattern, words in tabled),
        any_instead=whole_words(tuple(pattern for pattern, _ in tabled)),
        table=told,
    )


@cache
def whole_words(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Any of these, not inside a longer word."""
    if not patterns:
        return _NEVER
    joined = "|".join(patterns)
    spaced = joined.replace(" ?", r"\s*").replace(" ", r"\s+")
    return re.compile(rf"(?<!\w)(?:{spaced})(?!\w)", re.IGNORECASE)


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    joined = "|".join(patterns)
    return re.compile(joined) if joined else _NEVER
