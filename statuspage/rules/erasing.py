"""How is something said taken out of everything that was written down of it?

What was said lies in rows, in facts frozen for letters and in remembered answers: nested
values of JSON, in which these texts stand whole or, in a call to operators, quoted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from statuspage.rules.words import PARTS

Texts = Collection[str]


def texts_of(parts: Mapping[str, str | None], *more: Mapping[str, str | None]) -> frozenset[str]:
    """All that was said, in every language."""
    return frozenset(
        text for told in (parts, *more) for name in PARTS if (text := told.get(name)) is not None
    ) - {""}


def without(value: Any, texts: Texts) -> Any:
    """The value, in which no part of a word is one of these texts any more."""
    if isinstance(value, Mapping):
        return {
            key: "" if key in PARTS and inside in texts else without(inside, texts)
            for key, inside in value.items()
        }
    return [without(inside, texts) for inside in value] if isinstance(value, list) else value


def unquoted(value: Any, texts: Texts) -> Any:
    """The value, in which no text quotes one of these any more."""
    if isinstance(value, Mapping):
        return {key: unquoted(inside, texts) for key, inside in value.items()}
    if isinstance(value, list):
        return [unquoted(inside, texts) for inside in value]
    if isinstance(value, str):
        for text in sorted(texts, key=len, reverse=True):
            value = value.replace(text, "…")
    return value
