"""How do rows become the board?

Only here is it decided what the public may see: a component with ``public = false`` gives
its failures to those above it, and nothing else; what was taken back is left out. What
can be derived is derived (a shown status, since when), so that it can't be stale.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from statuspage import settings as configured
from statuspage.rules import severity
from statuspage.rules.board import (
    AffectedView,
    Board,
    CauseView,
    ComponentView,
    IncidentView,
    PromiseView,
    SiteView,
    StatusChange,
    UpdateView,
    Words,
)
from statuspage.rules.components import Standings, below
from statuspage.settings import Settings
from statuspage.tables import Cause, Component, Incident, Promise, Share, Update
from statuspage.vocabulary import By, Impact, NoticeMode, Phase, Role, Status, worst

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
    looked_at: datetime | None = None
    blind: bool = False


@dataclass(slots=True)
class _Desk:
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


def compose(settings: Settings, rows: Rows, now: datetime) -> Board:
    """All that is public, now."""
    desk = _Desk(settings, rows)
    shown = [row for row in rows.incidents if row.withdrawn_at is None]
    views = [_incident(desk, row) for row in shown]
    # what names no public component and has no word of a person concerns no visitor
    views = [view for view in views if view.components or view.name or view.latest_words]
    past = tuple(view for view in views if not view.status.is_open)
    components = tuple(
        _component(desk, component, position)
        for position, component in enumerate(settings.components)
        if component.public
    )
    return Board(
        site=site(settings),
        revision=rows.revision,
        composed_at=now,
        status=worst([component.status for component in components]),
        components=components,
        open_incidents=tuple(view for view in views if view.status.is_open),
        past_incidents=past,
        looked_at=rows.looked_at,
        interval=min((settings.interval_of(check) for check in _checks(settings)), default=None),
        blind=rows.blind,
        last_outage=next((view for view in past if not view.false_alarm), None),
    )


def site(settings: Settings) -> SiteView:
    told, contact = settings.site, settings.site.contact
    return SiteView(
        name=told.name,
        url=told.url,
        languages=tuple(told.languages),
        time_zone=told.time_zone,
        contact_email=contact.email,
        contact_phone=contact.phone,
        contact_hours=contact.hours,
        controller=told.controller,
        privacy_url=told.privacy_url,
    )


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


def code_of(component_id: str) -> str:
    """A component's id in the v2 API: 12 characters [a-z0-9], derived, so always the same."""
    number = int.from_bytes(hashlib.sha256(component_id.encode()).digest()[:8])
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    letters = []
    for _ in range(12):
        number, digit = divmod(number, 36)
        letters.append(digits[digit])
    return "".join(letters)


def _held(row: Component | None) -> Status | None:
    return Status(row.held_status) if row is not None and row.held_status else None


def _checks(settings: Settings) -> Iterable[configured.Check]:
    return (check for component in settings.components for check in component.checks)


def _component(desk: _Desk, told: configured.Component, position: int) -> ComponentView:
    row = desk.rows.components[told.id]
    status = desk.statuses[told.id]
    looked = [verdict.looked_at for verdict in desk.rows.standings.verdicts[told.id]]
    return ComponentView(
        id=told.id,
        code=code_of(told.id),
        name=told.name,
        group=told.group,
        position=position,
        status=status,
        since=None if status is Status.OPERATIONAL else _since(desk, told.id),
        because=_because(desk, told.id) if status is not Status.OPERATIONAL else (),
        when_down=told.when_down,
        still_works=told.still_works,
        slo=told.slo,
        created_at=row.created_at,
        updated_at=row.updated_at,
        looked_at=max((moment for moment in looked if moment), default=None),
        in_doubt=any(verdict.in_doubt for verdict in desk.rows.standings.verdicts[told.id]),
        notice=NoticeMode(row.notice),
        gate_shut=_is_shut(desk, told.id, NoticeMode(row.notice)),
    )


def _open_incidents_of(desk: _Desk, component_id: str) -> list[Incident]:
    return [
        row
        for row in desk.rows.incidents
        if row.resolved_at is None
        and row.withdrawn_at is None
        and any(share.component_id == component_id for share in desk.shares.get(row.id, ()))
    ]


def _since(desk: _Desk, component_id: str) -> datetime | None:
    incidents = [row.started_at for row in _open_incidents_of(desk, component_id)]
    by_checks = desk.rows.standings.failing_since(component_id)
    times = [moment for moment in (*incidents, by_checks) if moment is not None]
    return min(times, default=None)


def _because(desk: _Desk, component_id: str) -> tuple[CauseView, ...]:
    """The causes in the tiers below it, not itself."""
    lower = below(desk.settings)[component_id]
    found = [
        _cause(desk, cause.component_id)
        for row in _open_incidents_of(desk, component_id)
        for cause in desk.causes.get(row.id, ())
        if cause.ended_at is None and cause.component_id in lower
    ]
    return tuple(dict.fromkeys(found))


def _is_shut(desk: _Desk, component_id: str, notice: NoticeMode) -> bool:
    if notice is not NoticeMode.AUTO:
        return notice is NoticeMode.ON
    tiers = {component_id, *below(desk.settings)[component_id]}
    return any(desk.statuses.get(tier) is Status.MAJOR_OUTAGE for tier in tiers)


def _cause(desk: _Desk, component_id: str) -> CauseView:
    component = desk.settings.component(component_id)
    return CauseView(component.name if component is not None and component.public else None)


def _incident(desk: _Desk, row: Incident) -> IncidentView:
    causes = desk.causes.get(row.id, [])
    standing = [cause for cause in causes if cause.ended_at is None] or causes
    updates = [update for update in desk.updates.get(row.id, []) if not update.withdrawn_at]
    return IncidentView(
        id=row.id,
        name=row.name,
        language=row.language,
        automatic=row.automatic and row.spoken_at is None,
        status=Phase(row.status),
        impact=Impact(row.impact),
        started_at=row.started_at,
        noticed_at=row.noticed_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        acknowledged_at=row.acknowledged_at,
        monitoring_at=row.monitoring_at,
        resolved_at=row.resolved_at,
        false_alarm=row.false_alarm,
        whole_server=row.whole_server,
        causes=tuple(dict.fromkeys(_cause(desk, cause.component_id) for cause in standing)),
        components=tuple(_affected(desk, row)),
        updates=tuple(_update(desk, update) for update in reversed(updates)),
        promise=_promise(desk, row),
    )


def _affected(desk: _Desk, row: Incident) -> Iterable[AffectedView]:
    for share in sorted(desk.shares.get(row.id, []), key=lambda one: one.position):
        component = desk.settings.component(share.component_id)
        if component is None or not component.public:
            continue
        yield AffectedView(
            id=component.id,
            name=component.name,
            status=Status(share.status),
            role=Role(share.role),
            when_down=component.when_down,
            still_works=component.still_works,
        )


def _update(desk: _Desk, update: Update) -> UpdateView:
    return UpdateView(
        n=update.n,
        at=update.at,
        phase=Phase(update.status),
        by=By(update.by),
        kind=update.kind,
        words=_words(update),
        changes=tuple(_changes(desk, update)),
        mailed=(update.incident_id, update.n) in desk.rows.mailed,
    )


def _words(update: Update) -> Words | None:
    if not (update.what_happened or update.what_we_are_doing or update.how_we_prevent_it):
        return None
    return Words(
        language=update.language or "en",
        what_happened=update.what_happened or "",
        what_we_are_doing=update.what_we_are_doing or "",
        how_we_prevent_it=update.how_we_prevent_it,
        translations=update.translations,
    )


def _changes(desk: _Desk, update: Update) -> Iterable[StatusChange]:
    for change in update.changes:
        component = desk.settings.component(change["component_id"])
        if component is not None and component.public:
            old, new = Status(change["old"]), Status(change["new"])
            yield StatusChange(component.id, component.name, old, new)


def _promise(desk: _Desk, row: Incident) -> PromiseView | None:
    if row.resolved_at is not None:
        return None
    for promise in reversed(desk.promises.get(row.id, [])):
        if not (promise.kept_at or promise.missed_at or promise.dropped_at):
            return PromiseView(promise.due_at, By(promise.by))
    return None


def _sorted(rows: Iterable[_Row]) -> dict[str, list[_Row]]:
    """By incident, in the order given."""
    found: dict[str, list[_Row]] = {}
    for row in rows:
        found.setdefault(row.incident_id, []).append(row)
    return found
