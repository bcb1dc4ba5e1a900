"""What is said of a place in a draft?

``where`` is a field's name, then ``:start-end`` in characters where a place in it is meant.
``text`` is what stands there, ``suggestion`` what could stand instead, ``reason`` why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "hint"]

USUALLY: Mapping[str, Severity] = {
    "spelling": "warning",  # an error where both dictionaries agree and have a suggestion
    "blame": "error",
    "self_pity": "warning",
    "hedging": "warning",
    "empty_apology": "warning",
    "unkeepable_promise": "warning",
    "demand": "error",
    "deadline": "warning",
    "joke": "error",  # where the impact is critical; less elsewhere
    "jargon": "hint",
    "long_sentence": "hint",
    "shouting": "warning",
    "missing_part": "error",  # of what happened and what we do about it
    "placeholder": "error",
    "no_next_word": "warning",
    "time_without_zone": "warning",
    "contradicts_record": "warning",
}
"""How grave each rule is, in every language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    rule: str
    severity: Severity
    where: str
    text: str = ""
    suggestion: str | None = None
    reason: str = ""

    @property
    def field(self) -> str:
        return self.where.partition(":")[0]

    def __str__(self) -> str:
        """In one line: what, why, and what instead."""
        said = f'"{self.text}": ' if self.text else ""
        instead = f" → {self.suggestion}" if self.suggestion else ""
        return f"{said}{self.reason}{instead}"
