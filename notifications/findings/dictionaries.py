"""Which words does a language have, and how common are they?

Two sources that err in different ways: Hunspell's dictionaries, where the system has them
(``SPELL_DIR``, else where distributions put them; the wheel brings American English), and
the frequency lists of pyspellchecker. Both are loaded when first asked for, once: nothing
here is imported at the start of the program. One that cannot be read counts as missing.
"""

from __future__ import annotations

import gzip
import json
import logging
import os
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Protocol

logger = logging.getLogger(__name__)

SYSTEM = (Path("/usr/share/hunspell"), Path("/usr/share/myspell/dicts"))
RARE = 200
"""A word seen less often is not thought to have been meant from two slips away."""

_loading = threading.Lock()
_loaded: dict[tuple[str, str | None], Dictionary] = {}


class Hunspell(Protocol):
    def spell(self, word: str) -> bool: ...


class Dictionary:
    """The words of one language."""

    def __init__(self, hunspells: Sequence[Hunspell], counts: Mapping[str, int]) -> None:
        self.hunspells, self.counts = tuple(hunspells), counts

    def in_hunspell(self, word: str) -> bool:
        return any(one.spell(word) for one in self.hunspells)

    def count(self, word: str) -> int:
        """How often it is seen; 0 for a word that the list does not have."""
        return self.counts.get(word, 0)

    def like(self, word: str) -> Iterator[str]:
        """Common words with the same beginning, about as long and of much the same letters."""
        letters = frozenset(word)
        for other in self._by_first_letter.get(word[0], ()):
            if abs(len(other) - len(word)) <= 2 and len(letters.symmetric_difference(other)) <= 4:
                yield other

    @cached_property
    def _by_first_letter(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for word, count in self.counts.items():
            if count >= RARE:
                found[word[0]].append(word)
        return found


def load(code: str, names: Sequence[str]) -> Dictionary:
    """``names`` are those of Hunspell's files: en_US, en_GB. Slow the first time; waits for
    whoever is loading already.
    """
    key = code, os.environ.get("SPELL_DIR")
    with _loading:
        if key not in _loaded:
            _loaded[key] = Dictionary([*_hunspells(names, key[1])], _counts(code))
        return _loaded[key]


def _hunspells(names: Sequence[str], chosen: str | None) -> Iterator[Hunspell]:
    import hunspell  # noqa: PLC0415 -- 10 ms that only a review needs

    shipped = Path(hunspell.__file__).parent / "dictionaries"
    places = [Path(chosen)] if chosen else [*SYSTEM, shipped]
    for name in names:
        place = next((one for one in places if (one / f"{name}.dic").is_file()), None)
        if place is None:
            continue
        try:
            yield hunspell.Hunspell(name, hunspell_data_dir=str(place))
        except (OSError, ValueError) as error:
            logger.warning("The dictionary %s in %s cannot be read: %s", name, place, error)


def _counts(code: str) -> Mapping[str, int]:
    """The list of pyspellchecker, without its ``SpellChecker``, which takes as long again to count
    what nobody here asks: letters, the longest word, the sum.
    """
    lists = resources.files("spellchecker") / "resources"
    try:
        packed = (lists / f"{code}.json.gz").read_bytes()
    except OSError:  # it has no list of this language
        return {}
    counts: Mapping[str, int] = json.loads(gzip.decompress(packed))
    return counts
