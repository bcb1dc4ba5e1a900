"""How bad is it?

All checks of a component failing is a major outage, some a partial one; slow or
flapping is degraded. What is shown is a status held by hand; else, under maintenance, that,
or worse where a person says so of an open incident; else the worse of the checks and of the
open incidents that name the component.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from checks.verdict import Belief, Verdict
from statuspage.vocabulary import IMPACT_OF, Impact, Status, worst


def of_checks(verdicts: Sequence[Verdict]) -> Status:
    """A component's status by its checks alone; one that nobody has asked yet is operational."""
    known = [verdict for verdict in verdicts if verdict.belief is not Belief.UNKNOWN]
    failing = [
        verdict for verdict in known if verdict.belief is Belief.FAILED and not verdict.flapping
    ]
    if failing and len(failing) == len(verdicts):
        return Status.MAJOR_OUTAGE
    if failing:
        return Status.PARTIAL_OUTAGE
    if any(verdict.flapping or verdict.belief is Belief.SLOW for verdict in known):
        return Status.DEGRADED
    return Status.OPERATIONAL


def shown(by_checks: Status, shares: Iterable[Status], held: Status | None) -> Status:
    """What visitors read for a component that is not under maintenance."""
    return held if held is not None else worst([by_checks, *shares])


def maintained(said: Iterable[Status], held: Status | None) -> Status:
    """What visitors read for one that is. ``said``: what persons say of it in open incidents;
    what the checks see is what was announced.
    """
    return held if held is not None else worst([Status.UNDER_MAINTENANCE, *said])


def impact_of(statuses: Iterable[Status]) -> Impact:
    """An incident's impact: that of its worst component."""
    return IMPACT_OF[worst(list(statuses))]
