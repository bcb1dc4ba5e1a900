"""In which order is a crowd told, so that nobody is always last?

Ids of subscribers are random, 16 hexadecimal digits: equal ranges of them hold about equally
many. The ranges are taken in an order of the announcement's own, and so is everybody within
one; the same announcement gives the same order again, so a crash in the middle changes none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Range:
    """Ids from ``low`` on and below ``high``; None: to the end."""

    low: str
    high: str | None


def slices_for(count: int, size: int) -> int:
    """In how many slices of about ``size`` so many are told; at least one."""
    return max(1, -(-count // size))


def slice_at(key: str, slices: int, done: int) -> Range:
    """The range that comes after ``done`` others, in the order of ``key``."""
    order = sorted(range(slices), key=lambda number: _dice(key, str(number)))
    number = order[done]
    low = _edge(number, slices) if number else ""
    return Range(low, _edge(number + 1, slices) if number + 1 < slices else None)


def shuffled(key: str, ids: Iterable[str]) -> list[str]:
    """The same in the order of ``key``."""
    return sorted(ids, key=lambda id: _dice(key, id))


def _edge(number: int, slices: int) -> str:
    return f"{number * 16**_DIGITS // slices:0{_DIGITS}x}"


def _dice(key: str, what: str) -> bytes:
    return hashlib.blake2b(what.encode(), digest_size=8, key=key.encode()[:64]).digest()
