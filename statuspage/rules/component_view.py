"""How does a public component look on the board?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from statuspage import settings as configured
from statuspage.rules.board import CauseView, ComponentView
from statuspage.rules.components import below
from statuspage.rules.desk import Desk
from statuspage.tables import Incident
from statuspage.vocabulary import NoticeMode, Status


def code_of(component_id: str) -> str:
    """A component's id in the v2 API: 12 characters [a-z0-9], derived, so always the same."""
    number = int.from_bytes(hashlib.sha256(component_id.encode()).digest()[:8])
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    letters = []
    for _ in range(12):
        number, digit = divmod(number, 36)
        letters.append(digits[digit])
    return "".join(letters)


def component_view(desk: Desk, told: configured.Component, position: int) -> ComponentView:
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
        held=row.held_status is not None,
        shut_by=frozenset(
            row.id for tier in _shutting(desk, told.id) for row in _open_incidents_of(desk, tier)
        ),
        maintained_until=_maintained_until(desk, told.id, status),
        fared=desk.rows.fared.get(told.id),
    )


def _open_incidents_of(desk: Desk, component_id: str) -> list[Incident]:
    return [
        row
        for row in desk.rows.incidents
        if row.resolved_at is None
        and row.withdrawn_at is None
        and any(share.component_id == component_id for share in desk.shares.get(row.id, ()))
    ]


def _maintained_until(desk: Desk, component_id: str, status: Status) -> datetime | None:
    """When it is to be back; None where an operator holds it so, and nobody knows."""
    if status is not Status.UNDER_MAINTENANCE:
        return None
    return max((row.scheduled_until for row in desk.under_way(component_id)), default=None)


def _since(desk: Desk, component_id: str) -> datetime | None:
    if desk.statuses[component_id] is Status.UNDER_MAINTENANCE:
        begun = [row.started_at or row.scheduled_for for row in desk.under_way(component_id)]
        if begun:
            return min(begun)
    incidents = [row.since for row in _open_incidents_of(desk, component_id)]
    by_checks = desk.rows.standings.failing_since(component_id)
    times = [moment for moment in (*incidents, by_checks) if moment is not None]
    return min(times, default=None)


def _because(desk: Desk, component_id: str) -> tuple[CauseView, ...]:
    """The causes in the tiers below it; what is a cause itself fails because of nobody."""
    lower = below(desk.settings)[component_id]
    found = [
        desk.cause(cause)
        for row in _open_incidents_of(desk, component_id)
        if component_id not in (causes := _open_causes_of(desk, row))
        for cause in causes
        if cause in lower
    ]
    return tuple(dict.fromkeys(found))


def _open_causes_of(desk: Desk, row: Incident) -> list[str]:
    return [one.component_id for one in desk.causes.get(row.id, ()) if one.ended_at is None]


def _is_shut(desk: Desk, component_id: str, notice: NoticeMode) -> bool:
    if notice is not NoticeMode.AUTO:
        return notice is NoticeMode.ON
    if desk.statuses[component_id] is Status.UNDER_MAINTENANCE:  # it may well answer meanwhile
        return desk.rows.standings.statuses[component_id] is Status.MAJOR_OUTAGE
    return any(_shutting(desk, component_id))


def _shutting(desk: Desk, component_id: str) -> Iterator[str]:
    """Itself and the tiers below it, as far as they are out of service."""
    for tier in (component_id, *below(desk.settings)[component_id]):
        if desk.statuses.get(tier) is Status.MAJOR_OUTAGE:
            yield tier
