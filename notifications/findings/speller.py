"""Is a word known, and if not, what was meant?

Suggestions are ranked by (distance, -frequency): Hunspell's own order knows no frequencies,
and frequencies alone no words that are rare. Hunspell is asked only where the frequency
list, a thousand times faster, has nothing as near.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from notifications.findings import dictionaries
from notifications.findings.dictionaries import Dictionary
from notifications.findings.nearness import distance, one_slip_from
from notifications.findings.rulebook import Rulebook

LONGEST = 24
"""No one means a longer word and errs by one letter."""
SHORTEST = 3
SURE_OF_TWO = 7
"""Of a shorter word, two slips leave too little to know it by."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What was meant, and how many slips away it is. ``own``: it is a word of the site's."""

    word: str
    slips: int
    own: bool = False


class Speller:
    """One language, and the words that are the site's own (in lower case)."""

    def __init__(self, rules: Rulebook, own: frozenset[str]) -> None:
        self.code, self.own = rules.code, own
        self.told = rules.table["spelling"]

    @cached_property
    def dictionary(self) -> Dictionary:
        return dictionaries.load(self.code, self.told["hunspell"])

    def pieces(self, token: str) -> Iterator[tuple[int, str]]:
        """The words of a token with apostrophes, and where they begin: of ``dell'ordine`` one."""
        words = token.split("'")
        if len(words) == 1 or self.knows(token):
            yield 0, token
            return
        start = 0
        for at, word in enumerate(words):
            elided = at < len(words) - 1 and word.lower() in self._before
            ending = at > 0 and word.lower() in self._after
            if not elided and not ending:
                yield start, word
            start += len(word) + 1

    def looks_at(self, word: str) -> bool:
        """Abbreviations, CamelCase and foreign letters are left alone, and the very short."""
        return (
            len(word) >= SHORTEST
            and (word.islower() or (word[0].isupper() and word[1:].islower()))
            and self._letters.issuperset(word.lower())
        )

    def knows(self, word: str) -> bool:
        """Whether there is nothing to say of it."""
        return self._is_own(word) or self.in_first(word) or self.is_usual(word)

    def _is_own(self, word: str) -> bool:
        return word.lower() in self.own or word.lower() in self._known

    def in_first(self, word: str) -> bool:
        """Whether the better dictionary that we have knows it: Hunspell, else the list."""
        if self.dictionary.hunspells:
            return any(self._spelt(one) for one in self._variants(word))
        return self.in_list(word) or not self.dictionary.counts

    def in_list(self, word: str) -> bool:
        return any(self.dictionary.count(one) for one in self._variants(word.lower()))

    def _spelt(self, word: str) -> bool:
        return self.dictionary.in_hunspell(word) or self.dictionary.in_hunspell(word.lower())

    def _variants(self, word: str) -> Iterator[str]:
        """It, and as others write it: ``apologise`` for ``apologize``."""
        yield word
        for pattern, written in self._also:
            if pattern.search(word):
                yield pattern.sub(written, word)

    def both_miss(self, word: str) -> bool:
        """Whether there are two dictionaries, and neither knows it."""
        two = bool(self.dictionary.hunspells) and bool(self.dictionary.counts)
        return two and not self.in_first(word) and not self.in_list(word)

    def meant(self, word: str) -> Meant | None:
        """In the same case; None where nothing is near."""
        low = word.lower()
        if len(low) > LONGEST:
            return None
        mine = (one for one in self.own if abs(len(one) - len(low)) <= 1)
        near = min((one for one in mine if distance(low, one) == 1), default=None)
        found = (
            Meant(near, 1, own=True) if near else _meant(self.dictionary, self.told["letters"], low)
        )
        if found is None or word.islower():
            return found
        return replace(found, word=found.word.capitalize())

    def is_usual(self, word: str) -> bool:
        """New words (webhook, email) are in the list before they are in Hunspell."""
        return self.dictionary.count(word.lower()) >= int(self.told["known_from"])

    def is_common(self, word: str) -> bool:
        return self.dictionary.count(word.lower()) >= int(self.told["common_from"])

    @cached_property
    def _before(self) -> frozenset[str]:
        return frozenset(self.told["before_apostrophe"])

    @cached_property
    def _after(self) -> frozenset[str]:
        return frozenset(self.told["after_apostrophe"])

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.told["known"])

    @cached_property
    def _letters(self) -> frozenset[str]:
        return frozenset(self.told["letters"]) | {"'"}

    @cached_property
    def _also(self) -> list[tuple[re.Pattern[str], str]]:
        return [(re.compile(pattern), written) for pattern, written in self.told["also"].items()]


@lru_cache(maxsize=4096)
def _meant(dictionary: Dictionary, letters: str, word: str) -> Meant | None:
    slips = set(one_slip_from(word, letters)) - {word}
    if common := slips & dictionary.counts.keys():
        return Meant(min(common, key=lambda one: (-dictionary.count(one), one)), 1)
    if spelt := next((one for one in sorted(slips) if dictionary.in_hunspell(one)), None):
        return Meant(spelt, 1)
    if len(word) < SURE_OF_TWO:
        return None
    far = [one for one in dictionary.like(word) if distance(word, one) == 2]
    return Meant(min(far, key=lambda one: (-dictionary.count(one), one)), 2) if far else None
