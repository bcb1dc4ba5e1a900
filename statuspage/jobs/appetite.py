"""How many letters are claimed at a time?

No more than can be sent soon, for what is claimed here nobody else can send; and the next
before the last are all sent, for a line that waits for a claim sends nothing. Nothing here
looks at a clock.
"""

from __future__ import annotations

MOST = 1000
SOON_S = 0.25


class Appetite:
    """Begins with ``fewest``; grows while what was claimed is sent soon."""

    def __init__(self, fewest: int, lanes: int) -> None:
        self._fewest, self._lanes = fewest, lanes
        self._most = fewest
        self._claimed_at = 0.0

    def wants_more(self, at_hand: int) -> bool:
        """Half of what was claimed last is sent: the rest lasts while the next is claimed."""
        return at_hand <= max(self._most // 2, self._lanes)

    def next(self, now: float) -> int:
        """How many are claimed now."""
        quick = now - self._claimed_at < SOON_S
        self._most = min(2 * self._most, MOST) if quick else max(self._most // 2, self._fewest)
        self._claimed_at = now
        return self._most

    @property
    def is_fresh(self) -> bool:
        """Nothing was claimed yet."""
        return not self._claimed_at
