"""What do a component's checks, together, say of it?

Verdicts of checks become one ``Part`` for ``checks.causes`` and one status by the checks
alone. Pure: the verdicts come from rows, the rest from the configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from checks.causes import Part, Standing
from checks.result import Grade
from checks.verdict import Belief, Verdict
from statuspage.rules import severity
from statuspage.settings import Component, Settings
from statuspage.vocabulary import Status

_STANDINGS = {
    Status.OPERATIONAL: Standing.FINE,
    Status.DEGRADED: Standing.DEGRADED,
    Status.PARTIAL_OUTAGE: Standing.DOWN,
    Status.MAJOR_OUTAGE: Standing.DOWN,
}


@dataclass(frozen=True, slots=True)
class Standings:
    """Every component of the configuration, by its checks alone."""

    parts: tuple[Part, ...]
    statuses: Mapping[str, Status]
    verdicts: Mapping[str, tuple[Verdict, ...]]

    def failing_since(self, component_id: str) -> datetime | None:
        """The first failing look of the present trouble."""
        times = [
            verdict.failing_since
            for verdict in self.verdicts.get(component_id, ())
            if verdict.failing_since is not None and not _is_fine(verdict)
        ]
        return min(times, default=None)

    def says(self, component_id: str) -> str:
        """What the failing checks saw, for operators only."""
        failures = [
            verdict.failure.says
            for verdict in self.verdicts.get(component_id, ())
            if verdict.failure is not None and not _is_fine(verdict)
        ]
        return " ".join(dict.fromkeys(failures))


def stand(settings: Settings, believed: Iterable[tuple[str, Verdict]]) -> Standings:
    """Gather what is believed: (component id, a check's verdict); no checks at all is fine."""
    verdicts: dict[str, list[Verdict]] = {one.id: [] for one in settings.components}
    for component_id, verdict in believed:
        if component_id in verdicts:
            verdicts[component_id].append(verdict)
    statuses = {id: severity.of_checks(known) for id, known in verdicts.items()}
    parts = tuple(
        _part(settings, component, verdicts[component.id], statuses[component.id])
        for component in settings.components
    )
    return Standings(parts, statuses, {id: tuple(known) for id, known in verdicts.items()})


def _part(
    settings: Settings, component: Component, verdicts: Sequence[Verdict], status: Status
) -> Part:
    failing = [verdict for verdict in verdicts if not _is_fine(verdict)]
    begun = [verdict.failing_since for verdict in failing if verdict.failing_since]
    looked = [verdict.looked_at for verdict in verdicts if verdict.looked_at]
    return Part(
        id=component.id,
        depends_on=component.depends_on,
        state=_STANDINGS[status],
        doubtful=any(verdict.in_doubt for verdict in verdicts),
        reached=any(verdict.reached for verdict in failing) if failing else True,
        servers=_servers(component, verdicts),
        failing_since=min(begun, default=None),
        looked_at=min(looked, default=None) if len(looked) == len(verdicts) else None,
        wait_until=_wait_until(settings, component, failing),
    )


def _is_fine(verdict: Verdict) -> bool:
    return verdict.belief in (Belief.WELL, Belief.UNKNOWN) and not verdict.flapping


def _servers(component: Component, verdicts: Sequence[Verdict]) -> frozenset[str]:
    """Labels where the configuration gives them, and the addresses that were asked."""
    labels = {check.server for check in component.checks if check.server}
    if labels:
        return frozenset(labels)
    return frozenset(
        verdict.latest.address for verdict in verdicts if verdict.latest and verdict.latest.address
    )


def _wait_until(
    settings: Settings, component: Component, failing: Sequence[Verdict]
) -> datetime | None:
    """A decision waits for the tiers below no longer than their confirmation takes."""
    confirmed = [verdict.changes[-1] if verdict.changes else verdict.since for verdict in failing]
    known = [moment for moment in confirmed if moment is not None]
    return max(known) + confirmation_below(settings, component) if known else None


def confirmation_below(settings: Settings, component: Component) -> timedelta:
    """How long confirming a failure of any tier below takes at the most."""
    lower = below(settings)[component.id]
    timeouts = [
        settings.timeout_of(check)
        for one in settings.components
        if one.id in lower
        for check in one.checks
    ]
    longest = max(timeouts, default=timedelta(0))
    return settings.checks.confirm_failures * (settings.checks.confirm_interval + longest)


def below(settings: Settings) -> Mapping[str, frozenset[str]]:
    """Each component's tiers below, through any number of floors."""
    return settings.tiers_below


def lagging(settings: Settings, found: Standings) -> frozenset[str]:
    """Components that still fail over a tier that has just recovered, and were not asked
    often enough since to be blamed themselves: a shop needs a moment longer than its database.
    """
    parts = {part.id: part for part in found.parts}
    return frozenset(
        part.id
        for part in found.parts
        if part.state is not Standing.FINE
        and part.reached
        and any(_lags(settings, found, part, parts[lower]) for lower in below(settings)[part.id])
    )


def unseen(settings: Settings, found: Standings, now: datetime) -> frozenset[str]:
    """Components of which we do not know how they fare now: the last look contradicts what is
    believed, or was made before a gap of our own.
    """
    return frozenset(
        component.id
        for component in settings.components
        for verdict in found.verdicts[component.id]
        if verdict.in_doubt or _is_old(verdict, settings, component, now)
    )


def _is_old(verdict: Verdict, settings: Settings, component: Component, now: datetime) -> bool:
    gap = max((settings.policy(check).gap for check in component.checks), default=timedelta(0))
    return verdict.looked_at is None or now - verdict.looked_at > gap


def fails(found: Standings, component_id: str) -> bool:
    """Whether any of its checks is believed to fail."""
    return any(not _is_fine(verdict) for verdict in found.verdicts.get(component_id, ()))


def fails_since(found: Standings, component_id: str, moment: datetime, times: int) -> bool:
    """Whether one of its checks was asked ``times`` times since that moment, always in vain."""
    return any(
        _has_failed_since(verdict, moment, times)
        for verdict in found.verdicts.get(component_id, ())
    )


def seen_since(found: Standings, component_id: str, moment: datetime) -> bool:
    """Whether all of its checks have looked since that moment, and none last saw the contrary of
    what is believed.
    """
    return all(
        verdict.looked_at is not None and verdict.looked_at > moment and not verdict.in_doubt
        for verdict in found.verdicts.get(component_id, ())
    )


def _lags(settings: Settings, found: Standings, upper: Part, lower: Part) -> bool:
    recovered = _recovered_at(found.verdicts[lower.id])
    if lower.state is not Standing.FINE or recovered is None or upper.failing_since is None:
        return False
    times = settings.checks.confirm_failures
    return upper.failing_since <= recovered and not fails_since(found, upper.id, recovered, times)


def _recovered_at(verdicts: Sequence[Verdict]) -> datetime | None:
    """The first good look after the last trouble, if there was one lately."""
    times = [verdict.since for verdict in verdicts if verdict.changes and verdict.since]
    return max(times, default=None)


def _has_failed_since(verdict: Verdict, moment: datetime, times: int) -> bool:
    looks = [look for look in verdict.recent[-times:] if look.at > moment]
    return len(looks) == times and all(look.grade is not Grade.WELL for look in looks)
