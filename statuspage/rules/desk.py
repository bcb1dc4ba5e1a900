"""Which rows does the board need, and how do they lie ready for it?

``Rows`` is what the store has; ``Desk`` is the same sorted by incident, with what is shown
of each component. What can be derived is derived here, so that it can't be stale.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from statuspage.rules import maintenances, severity
from statuspage.rules.board import CauseView, IncidentView
from statuspage.rules.components import Standings
from statuspage.rules.fanouts import Told
from statuspage.rules.fared import Fared
from statuspage.rules.lately import Lately
from statuspage.rules.promises import Outcome
from statuspage.settings import Settings
from statuspage.tables import (
    Cause,
    Component,
    Incident,
    Maintenance,
    Postmortem,
    PostmortemAction,
    Promise,
    Share,
    Step,
    Update,
)
from statuspage.vocabulary import Status

_Row = TypeVar("_Row", Share, Cause, Update, Promise, PostmortemAction)


@dataclass(frozen=True, slots=True)
class Rows:
    """What the store has for the board; incidents newest first, updates oldest first."""

    revision: int
    components: Mapping[str, Component]
    standings: Standings
    incidents: Sequence[Incident] = ()
    shares: Sequence[Share] = ()
    causes: Sequence[Cause] = ()
    updates: Sequence[Update] = ()
    promises: Sequence[Promise] = ()
    maintenances: Sequence[Maintenance] = ()
    """Those not over, the first to begin first; then the newest that are."""
    steps: Sequence[Step] = ()
    actions: Sequence[PostmortemAction] = ()
    postmortems: Sequence[Postmortem] = ()
    mailed: frozenset[tuple[str, int]] = frozenset()
    """(incident id, update n) of what was written to customers."""
    fanouts: Sequence[Told] = ()
    """How fast they were, where all have ended."""
    lately_due: Sequence[tuple[Outcome, int]] = ()
    """What became of the promises that fell due lately (``promises.COUNTED``), of all incidents;
    counted, for they are thousands.
    """
    lately: Lately = field(default_factory=Lately)
    fared: Mapping[str, Fared] = field(default_factory=dict)
    """How each component fared in 90 days."""
    views: Mapping[str, IncidentView] = field(default_factory=dict)
    """Of incidents that look as they did, by id: what hangs on these was not read again."""
    looked_at: datetime | None = None
    blind: bool = False


@dataclass(slots=True)
class Desk:
    """The rows, sorted by incident, and what is shown of each component."""

    settings: Settings
    rows: Rows
    now: datetime
    shares: Mapping[str, list[Share]] = field(init=False)
    causes: Mapping[str, list[Cause]] = field(init=False)
    updates: Mapping[str, list[Update]] = field(init=False)
    promises: Mapping[str, list[Promise]] = field(init=False)
    actions: Mapping[str, list[PostmortemAction]] = field(init=False)
    statuses: Mapping[str, Status] = field(init=False)

    def __post_init__(self) -> None:
        self.shares = _sorted(self.rows.shares)
        self.causes = _sorted(self.rows.causes)
        self.updates = _sorted(self.rows.updates)
        self.promises = _sorted(self.rows.promises)
        self.actions = _sorted(self.rows.actions)
        rows, times = self.rows, self.settings.checks.confirm_failures
        maintained = maintenances.shown_under_maintenance(
            rows.maintenances, rows.standings, times, self.now
        )
        self.statuses = shown_statuses(
            rows.components, rows.standings, rows.incidents, rows.shares, maintained
        )

    def under_way(self, component_id: str) -> list[Maintenance]:
        """The maintenances in force of it, or of a tier below it."""
        tiers = {component_id, *self.settings.tiers_below[component_id]}
        return [
            row
            for row in self.rows.maintenances
            if maintenances.is_in_force(row, self.now) and tiers.intersection(row.components)
        ]

    def cause(self, component_id: str) -> CauseView:
        """Where it began, as the public may know it: an internal one has no name."""
        component = self.settings.component(component_id)
        return CauseView(component.name if component is not None and component.public else None)


def shown_statuses(
    components: Mapping[str, Component],
    standings: Standings,
    incidents: Iterable[Incident],
    shares: Iterable[Share],
    maintained: Collection[str] = (),
) -> dict[str, Status]:
    """What is shown of each component: held by hand, under maintenance, else the worse of
    checks and incidents.
    """
    is_open = {row.id for row in incidents if row.resolved_at is None and not row.withdrawn_at}
    claims: dict[str, list[Share]] = {}
    for share in shares:
        if share.incident_id in is_open:
            claims.setdefault(share.component_id, []).append(share)
    return {
        id: _shown(
            by_checks,
            claims.get(id, ()),
            _held(components.get(id)),
            maintained=id in maintained,
        )
        for id, by_checks in standings.statuses.items()
    }


def _shown(
    by_checks: Status, claims: Iterable[Share], held: Status | None, *, maintained: bool
) -> Status:
    if maintained:
        return severity.maintained([Status(one.status) for one in claims if one.by_hand], held)
    return severity.shown(by_checks, [Status(one.status) for one in claims], held)


def _held(row: Component | None) -> Status | None:
    return Status(row.held_status) if row is not None and row.held_status else None


def _sorted(rows: Iterable[_Row]) -> dict[str, list[_Row]]:
    """By incident, in the order given."""
    found: dict[str, list[_Row]] = {}
    for row in rows:
        found.setdefault(row.incident_id, []).append(row)
    return found
