"""Which words do we use for states, and how do they compare?

One word for one thing: the values below are stored, shown in the API and looked up
in the language files. They are those that Atlassian Statuspage made the convention
of the field. Nothing here looks at a clock, a socket or a row.
"""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """How a component fares, from the best to the worst (see ``severity``)."""

    OPERATIONAL = "operational"
    UNDER_MAINTENANCE = "under_maintenance"
    DEGRADED = "degraded_performance"
    PARTIAL_OUTAGE = "partial_outage"
    MAJOR_OUTAGE = "major_outage"

    @property
    def severity(self) -> int:
        """0 for operational, rising to 4 for a major outage."""
        return _ORDER.index(self)


_ORDER = tuple(Status)


def worst(statuses: list[Status]) -> Status:
    """The worst of some statuses; none at all is operational."""
    return max(statuses, key=lambda status: status.severity, default=Status.OPERATIONAL)


class Phase(StrEnum):
    """Where an incident stands: the convention's ``incident.status``."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    POSTMORTEM = "postmortem"

    @property
    def is_open(self) -> bool:
        return self not in (Phase.RESOLVED, Phase.POSTMORTEM)


class Stage(StrEnum):
    """Where a maintenance stands: the convention's ``scheduled_maintenance.status``."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    VERIFYING = "verifying"
    COMPLETED = "completed"

    @property
    def is_under_way(self) -> bool:
        return self in (Stage.IN_PROGRESS, Stage.VERIFYING)


class Impact(StrEnum):
    """How much an incident hurts; by default that of its worst component."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"

    @property
    def weight(self) -> int:
        return list(Impact).index(self)


IMPACT_OF = {
    Status.OPERATIONAL: Impact.NONE,
    Status.UNDER_MAINTENANCE: Impact.NONE,
    Status.DEGRADED: Impact.MINOR,
    Status.PARTIAL_OUTAGE: Impact.MAJOR,
    Status.MAJOR_OUTAGE: Impact.CRITICAL,
}


class By(StrEnum):
    """Who speaks, or promised: the checks alone, or a person."""

    MACHINE = "machine"
    HUMAN = "human"


class Tone(StrEnum):
    """How a person's letter sounds: their choice for one word."""

    PLAIN = "plain"
    WARM = "warm"


class Role(StrEnum):
    """What a component is to an incident: where it began, or what suffers from it."""

    CAUSE = "cause"
    AFFECTED = "affected"


class NoticeMode(StrEnum):
    """Whether the notice stands in place of the origin: as the checks say, held shut or open."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


class Scope(StrEnum):
    """What an API token may do; ``admin`` may do all."""

    READ = "read"
    INCIDENTS = "incidents"
    SUBSCRIBERS = "subscribers"
    SUPPORT = "support"
    CHECKS = "checks"
    ADMIN = "admin"
