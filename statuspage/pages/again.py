"""Was this made before, of the very same value?

Pages are rendered with each change and every few seconds, and most of what they tell has not
changed. What is made of equal values is equal, so it is not made again; and no more is kept
than was asked for last, so that nothing that was removed from the board stays here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Given = TypeVar("Given")
Made = TypeVar("Made")


class Again(Generic[Key, Given, Made]):
    """Makes things by ``make``, a pure function; remembers the last ones by their keys."""

    def __init__(self, make: Callable[[Given], Made]) -> None:
        self._make = make
        self._last: Mapping[Key, tuple[Given, Made]] = {}

    def __call__(self, asked: Mapping[Key, Given]) -> dict[Key, Made]:
        last = self._last
        self._last = {key: self._one(last.get(key), given) for key, given in asked.items()}
        return {key: made for key, (_, made) in self._last.items()}

    def _one(self, last: tuple[Given, Made] | None, given: Given) -> tuple[Given, Made]:
        # it is the newer of two equals that is kept: next time it is likely to be the very same
        if last is not None and last[0] == given:
            return given, last[1]
        return given, self._make(given)
