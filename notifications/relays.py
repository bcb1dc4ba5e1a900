"""Which mail server is asked now: the first, or the one that stands in for it?

One memory for all lines, so that what one of them met the others need not meet again. Rules:
the first is left alone for a growing while after it let nobody in, then asked again; once it
lets somebody in, the second is needed no more. Nothing here looks at a clock or a socket.
"""

from __future__ import annotations

from dataclasses import dataclass

from notifications.relay import Relay

LONGEST_REST_S = 300.0
_FIRST_REST_S = 10.0


@dataclass(slots=True)
class Relays:
    """``second``: None, nobody stands in. ``stood_in``: letters go by the second."""

    first: Relay
    second: Relay | None = None
    stood_in: bool = False
    why: str = ""
    """What the first one said, or did not say."""
    _refusals: int = 0
    _rests_until: float = 0.0
    _to_ask: bool = False

    def in_turn(self, now: float) -> tuple[Relay, ...]:
        """Whom to ask, the best first. ``now``: seconds of any clock that never steps back."""
        if self.second is None:
            return (self.first,)
        if now < self._rests_until and not self._to_ask:
            return (self.second,)
        self._to_ask = False
        return (self.first, self.second)

    def refused(self, relay: Relay, now: float, why: str) -> None:
        if relay is self.first and self.second is not None:
            self.why = why
            self._refusals += 1
            self._rest(now)

    def let_in(self, relay: Relay) -> None:
        self.stood_in = relay is self.second
        if relay is self.first:
            self._refusals, self._rests_until = 0, 0.0

    def is_wanted(self, relay: Relay) -> bool:
        """Whether a connection to it is still the one to use."""
        return (relay is self.second) is self.stood_in

    def asks_first(self, now: float) -> bool:
        """Whether it is time to see if the first is well again: one line does so for all."""
        if not self.stood_in or now < self._rests_until:
            return False
        self._rest(now)
        self._to_ask = True
        return True

    def _rest(self, now: float) -> None:
        pause = _FIRST_REST_S * 2 ** min(max(self._refusals - 1, 0), 10)
        self._rests_until = now + min(pause, LONGEST_REST_S)
