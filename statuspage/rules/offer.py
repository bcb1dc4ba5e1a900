"""What can a customer choose at this site?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from statuspage.settings import Settings


@dataclass(frozen=True, slots=True)
class Offer:
    """Languages of letters, public components by their ids, and groups of them by name."""

    languages: Collection[str]
    components: Collection[str]
    groups: Collection[str]


def offer_of(settings: Settings) -> Offer:
    public = [component for component in settings.components if component.public]
    return Offer(
        languages=tuple(settings.site.languages),
        components=tuple(component.id for component in public),
        groups=tuple(dict.fromkeys(component.group for component in public if component.group)),
    )
