"""Which rows does the board need, and how do they lie ready for it?

``Rows`` is what the store has; ``Desk`` is the same sorted by incident, with what is shown
of each component. What can be derived is derived here, so that it can't be stale.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from statuspage.rules import severity
from statuspage.rules.board import CauseView
from statuspage.rules.components import Standings
from statuspage.settings import Settings
from statuspage.tables import Cause, Component, Incident, Promise, Share, Update
from statuspage.vocabulary import Status

_Row = TypeVar("_Row", Share, Cause, Update, Promise)


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
    mailed: frozenset[tuple[str, int]] = frozenset()
    """(incident id, update n) of what was written to customers."""
    lately_due: Sequence[Promise] = ()
    """Promises that fell due lately (``promises.COUNTED``), of all incidents."""
    looked_at: datetime | None = None
    blind: bool = False


@dataclass(slots=True)
class Desk:
    """The rows, sorted by incident, and what is shown of each component."""

    settings: Settings
    rows: Rows
    shares: Mapping[str, list[Share]] = field(init=False)
    causes: Mapping[str, list[Cause]] = field(init=False)
    updates: Mapping[str, list[Update]] = field(init=False)
    promises: Mapping[str, list[Promise]] = field(init=False)
    statuses: Mapping[str, Status] = field(init=False)

    def __post_init__(self) -> None:
        self.shares = _sorted(self.rows.shares)
        self.causes = _sorted(self.rows.causes)
        self.updates = _sorted(self.rows.updates)
        self.promises = _sorted(self.rows.promises)
        self.statuses = shown_statuses(
            self.rows.components, self.rows.standings, self.rows.incidents, self.rows.shares
        )

    def cause(self, component_id: str) -> CauseView:
        """Where it began, as the public may know it: an internal one has no name."""
        component = self.settings.component(component_id)
        return CauseView(component.name if component is not None and component.public else None)


def shown_statuses(
    components: Mapping[str, Component],
    standings: Standings,
    incidents: Iterable[Incident],
    shares: Iterable[Share],
) -> dict[str, Status]:
    """What is shown of each component: held by hand, else the worse of checks and incidents."""
    is_open = {row.id for row in incidents if row.resolved_at is None and not row.withdrawn_at}
    claims: dict[str, list[Status]] = {}
    for share in shares:
        if share.incident_id in is_open:
            claims.setdefault(share.component_id, []).append(Status(share.status))
    return {
        id: severity.shown(by_checks, claims.get(id, ()), _held(components.get(id)))
        for id, by_checks in standings.statuses.items()
    }


def _held(row: Component | None) -> Status | None:
    return Status(row.held_status) if row is not None and row.held_status else None


def _sorted(rows: Iterable[_Row]) -> dict[str, list[_Row]]:
    """By incident, in the order given."""
    found: dict[str, list[_Row]] = {}
    for row in rows:
        found.setdefault(row.incident_id, []).append(row)
    return found
