"""How is something said taken out of everything that was written down of it?

What was said lies in rows, in facts frozen for letters and in remembered answers: nested
values of JSON, in which its texts stand whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from statuspage.rules.words import PARTS
from statuspage.tables import Update

Texts = Collection[str]


def texts_of(parts: Mapping[str, str | None], *more: Mapping[str, str | None]) -> frozenset[str]:
    """All that was said, in every language."""
    return frozenset(
        text for told in (parts, *more) for name in PARTS if (text := told.get(name)) is not None
    ) - {""}


def without(value: Any, texts: Texts, fields: Collection[str] = PARTS) -> Any:
    """The value, in which none of these fields is one of these texts any more."""
    if isinstance(value, Mapping):
        return {
            key: "" if key in fields and inside in texts else without(inside, texts, fields)
            for key, inside in value.items()
        }
    if isinstance(value, list):
        return [without(inside, texts, fields) for inside in value]
    return value


def without_findings(told: Any) -> Any:
    """A program's answer, in which the review quotes nothing of what was said."""
    if isinstance(told, Mapping) and "findings" in told:
        return {**told, "findings": []}
    return told


def copies(updates: Iterable[Update], update: Update) -> list[Update]:
    """The word, what corrects it, and what it corrects: a correction has the whole word, with
    the parts that stayed. Other words may say the same in all innocence ("We are on it.").
    """
    word = update.corrects or update.n
    return [row for row in updates if word in (row.n, row.corrects)]


def without_in_updates(told: Any, texts: Texts, numbers: Collection[int]) -> Any:
    """An incident as a program was told it, in which these updates say none of it."""
    if not isinstance(told, Mapping) or not isinstance(told.get("updates"), list):
        return told
    updates = [
        without(update, texts) if update.get("n") in numbers else update
        for update in told["updates"]
    ]
    learned = told.get("postmortem")
    if isinstance(learned, Mapping) and learned.get("update_n") in numbers:
        told = {**told, "postmortem": None}
    return {**told, "updates": updates}
