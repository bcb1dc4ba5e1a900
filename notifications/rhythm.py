"""How does planned work repeat?"""

from __future__ import annotations

from pydantic.dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """``every`` day, week or month; ``on``: 0 is Monday."""

    every: str
    interval: int = 1
    on: tuple[int, ...] = ()
