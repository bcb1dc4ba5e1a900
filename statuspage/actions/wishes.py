"""How do a subscriber's wishes stand in their row?"""

from __future__ import annotations

from statuspage.rules.subscriptions import Wishes
from statuspage.tables import Subscriber


def wishes_of(subscriber: Subscriber) -> Wishes:
    return Wishes(
        components=tuple(subscriber.components),
        groups=tuple(subscriber.groups),
        least_impact=subscriber.least_impact,
        ends_only=subscriber.ends_only,
        only_incident_id=subscriber.only_incident_id,
    )


def wish(subscriber: Subscriber, language: str, wishes: Wishes) -> None:
    """These, and none of those before."""
    subscriber.language = language
    subscriber.components, subscriber.groups = list(wishes.components), list(wishes.groups)
    subscriber.least_impact, subscriber.ends_only = wishes.least_impact, wishes.ends_only
    subscriber.only_incident_id = wishes.only_incident_id
