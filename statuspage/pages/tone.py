"""Which colour and shape does a state have?

A tone is a class of the style sheet and a shape of ``_pieces.html``; shapes differ as well
as colours, since not everybody sees the latter.
"""

from __future__ import annotations

from statuspage.rules.board import IncidentView
from statuspage.vocabulary import Impact, Phase, Status

TONES = {
    Status.OPERATIONAL: "ok",
    Status.UNDER_MAINTENANCE: "plan",
    Status.DEGRADED: "slow",
    Status.PARTIAL_OUTAGE: "part",
    Status.MAJOR_OUTAGE: "down",
}

PHASES = {
    Impact.NONE: "plan",
    Impact.MINOR: "slow",
    Impact.MAJOR: "part",
    Impact.CRITICAL: "down",
}


def tone_of(incident: IncidentView) -> str:
    """How an incident looks: green as soon as it is mended, else as much as it hurts."""
    mended = incident.status is Phase.MONITORING or not incident.status.is_open
    return "ok" if mended else PHASES[incident.impact]
