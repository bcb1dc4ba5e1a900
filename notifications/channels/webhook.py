"""How is a customer's program told?

A POST of the field's body with the headers of Standard Webhooks 1.0, signed with the
subscriber's own secret. 2xx is accepted, 410 means "never again"; everything else, a 404 and
a redirect too, is tried again: a program that is being put up anew shall lose no event.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from notifications.channel import Accepted, Outcome, Parcel, Refused, ToldIn, Unreachable
from notifications.hook import Hook, as_json
from notifications.outbound import Answered
from notifications.signature import signed
from notifications.strangers import Place

_GONE = 410


class Webhook(Hook):
    told_in: ClassVar[ToldIn] = "events"
    example = "https://hooks.example.org/status"

    @classmethod
    def is_ours(cls, place: Place) -> bool:  # noqa: ARG003  wherever it is
        return True

    def call(self, place: Place, parcel: Parcel) -> tuple[Place, bytes, Mapping[str, str]]:
        body = as_json(parcel.body or {"subject": parcel.subject, "text": parcel.text})
        if parcel.secret is None:
            return place, body, {}
        return place, body, signed(parcel.message_id, parcel.sent_at, body, parcel.secret)

    def judged(self, answer: Answered) -> Outcome:
        status = answer.status
        if 200 <= status <= 299:
            return Accepted(f"HTTP {status}")
        if status == _GONE:
            return Refused("it wants no more calls (HTTP 410)", status)
        return Unreachable(f"it answered HTTP {status}", status, wait=answer.wait)


CHANNEL = Webhook
