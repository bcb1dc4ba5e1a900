"""What do we change against a repeat, and what do we give?

Values that a postmortem's letters hold beside its words; texts of people, in the language
they were written in, with their translations by language.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import Field
from pydantic.dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Action:
    """What we change; days are those of the site's zone."""

    text: str
    language: str
    due: date
    done: date | None = None
    translations: Mapping[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Credit:
    """What we give: ``applied`` by ourselves, or by a ``code`` that each reader has alone."""

    kind: Literal["applied", "code"]
    text: str
    language: str
    translations: Mapping[str, str] = Field(default_factory=dict)
