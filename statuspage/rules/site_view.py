"""Who are we, as everybody may know it?"""

from __future__ import annotations

from dataclasses import dataclass

from statuspage.rules.dress import PLAIN, Dress


@dataclass(frozen=True, slots=True)
class SiteView:
    """Who we are; from the configuration."""

    name: str
    url: str
    languages: tuple[str, ...]
    time_zone: str
    contact_email: str | None = None
    contact_phone: str | None = None
    contact_hours: str | None = None
    controller: str | None = None
    privacy_url: str | None = None
    writes_letters: bool = True
    """There is a relay: without one no form may promise a letter."""
    calls_team: bool = True
    """Whether there is anybody whom our systems call."""
    publishes_counts: bool = False
    """Whether it says how many people were written to."""
    dress: Dress = PLAIN
