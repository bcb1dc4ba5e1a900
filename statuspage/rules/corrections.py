"""What does a word say, once it was corrected?

A correction is a row of its own that holds the whole corrected word: the parts that it says
anew, and the others as they were. The newest one that stands, stands in the word's place;
what it said before is shown beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from statuspage.errors import Fault
from statuspage.rules.words import PARTS, Word
from statuspage.tables import Update

KIND = "correction"


def faults(word: Word, updates: Sequence[Update]) -> Iterator[Fault]:
    """Why the word that is named cannot be corrected, or not so."""
    where, n = ("body", "corrects"), word.corrects
    target = next((update for update in updates if update.n == n), None)
    if target is None:
        yield Fault(where, f"This incident has no number {n}.")
    elif target.kind == KIND:
        yield Fault(where, f"Number {n} is a correction itself: correct number {target.corrects}.")
    elif target.withdrawn_at is not None:
        yield Fault(where, f"Number {n} was taken back.")
    elif not any(getattr(target, name) for name in PARTS):
        yield Fault(where, f"Number {n} has no words of a person that could be corrected.")
    elif _is_no_change(word, wordings(updates, target.n)[-1]):
        yield Fault(where, f"Number {n} says this already.")
    elif word.language not in (None, target.language):
        where = ("body", "language")
        yield Fault(where, f"Number {n} is in another language ({target.language}): write in it.")


def _is_no_change(word: Word, standing: Update) -> bool:
    return all(getattr(word, name) in (None, getattr(standing, name)) for name in PARTS)


def wordings(updates: Iterable[Update], n: int) -> list[Update]:
    """The word, and the corrections of it that stand: the last one says what is right."""
    return [
        update
        for update in updates
        if n in (update.n, update.corrects) and update.withdrawn_at is None
    ]


def whole(word: Word, said: Update) -> Word:
    """The correction with what it leaves as it was. A translation of a part that now says
    something else does not stand any more, unless it was corrected too.
    """
    anew = {name: text for name in PARTS if (text := getattr(word, name))}
    codes = dict.fromkeys([*said.translations, *word.translations])
    translations = {code: _translated(word, said, code, anew) for code in codes}
    own = {name: anew.get(name) or getattr(said, name) for name in PARTS}
    return replace(word, **own, language=said.language, translations=translations)


def _translated(
    word: Word, said: Update, code: str, anew: Mapping[str, str]
) -> Mapping[str, str | None]:
    before, after = said.translations.get(code, {}), word.translations.get(code, {})
    return {name: after.get(name) or (None if name in anew else before.get(name)) for name in PARTS}
