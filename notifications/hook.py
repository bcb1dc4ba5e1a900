"""What have all hooks in common that customers gave us?

An address that was judged, one POST of JSON, and one way to read the answer: 2xx is
accepted; 408, 429 and 5xx are later, and not before the other side wishes; everything else is
never, a redirect too. An address is itself a secret: no reason shows it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, ClassVar, Self

from notifications.channel import (
    Accepted,
    Manners,
    Outcome,
    Parcel,
    Refused,
    ToldIn,
    Unreachable,
    Wiring,
)
from notifications.outbound import PATIENCE_S, Answered, Outbound, Reach, Silent
from notifications.strangers import NotPublic, Place, read_url

_LATER = (408, 425, 429)


class Hook:
    """One kind of hook. ``example``: how its addresses look."""

    schemes: ClassVar[frozenset[str]] = frozenset()
    """None: operators' hooks are another kind."""
    told_in: ClassVar[ToldIn]
    fills_in: ClassVar[bool] = False
    example: ClassVar[str]
    reads: ClassVar[bool] = False
    """Whether the answer's body must be read to know what it means."""

    def __init__(self, reach: Reach, patience_s: float = PATIENCE_S) -> None:
        self._client = Outbound(reach, patience_s)

    @classmethod
    def manners(cls, wiring: Wiring) -> Manners:  # noqa: ARG003  all kinds are asked alike
        return Manners()

    @classmethod
    def wired(cls, wiring: Wiring) -> Self:
        return cls(wiring.reach, wiring.timeout_s or PATIENCE_S)

    @staticmethod
    def recipient(url: str) -> str:
        return url

    @classmethod
    def checked(cls, written: str) -> str:
        """The address as it is kept. Raises ``NotPublic``."""
        place = read_url(written)
        if not cls.is_ours(place):
            raise NotPublic(f"The address does not look like {cls.example}.")
        return place.url

    @classmethod
    def is_ours(cls, place: Place) -> bool:
        """Whether a place that we may call is of this kind."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def send(self, parcel: Parcel) -> Outcome:
        try:
            place = read_url(self.checked(parcel.recipient))
        except NotPublic as error:
            return Refused(str(error))
        place, body, headers = self.call(place, parcel)
        sent = {"content-type": "application/json", **headers}
        answer = await self._client.post(place, body, sent, read=self.reads)
        if isinstance(answer, Silent):
            return Refused(answer.reason) if answer.forbidden else Unreachable(answer.reason)
        return self.judged(answer)

    def call(self, place: Place, parcel: Parcel) -> tuple[Place, bytes, Mapping[str, str]]:
        """Where to, what, and with which headers of its own."""
        raise NotImplementedError

    def judged(self, answer: Answered) -> Outcome:
        status = answer.status
        if 200 <= status <= 299:
            return Accepted(f"HTTP {status}")
        if status >= 500 or status in _LATER:
            return Unreachable(f"it answered HTTP {status}", status, wait=answer.wait)
        return Refused(f"it answered HTTP {status}", status)


def as_json(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode()
