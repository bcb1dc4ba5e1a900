"""How is an incident told to a program?

To operators: what is internal is named, and what was taken back is marked. Rows are read
for many incidents at once, so a list costs seven queries, not seven for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

import sqlalchemy as sa
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.api.postmortem_view import PostmortemView, tell_postmortems
from statuspage.api.review import FindingView
from statuspage.rules.postmortems import owed_by
from statuspage.settings import Settings
from statuspage.tables import Cause, Incident, Promise, Share, Update
from statuspage.vocabulary import By, Impact, Phase, Status, Tone

_Row = TypeVar("_Row", Cause, Share, Update, Promise)
State = Literal["open", "kept", "missed"]


class ChangeView(BaseModel):
    component_id: str
    old: Status
    new: Status


class UpdateView(BaseModel):
    """One thing that was said; ``kind`` is ``words`` for a person's, or ``correction``."""

    n: int
    at: datetime
    status: Phase
    by: By
    kind: str
    corrects: int | None = Field(description="the number of the word that it corrects")
    author: str | None
    what_happened: str | None
    what_we_are_doing: str | None
    how_we_prevent_it: str | None
    language: str | None
    tone: Tone
    translations: dict[str, dict[str, str | None]]
    changes: list[ChangeView]
    notify: bool
    withdrawn_at: datetime | None
    withdrawn_why: str | None
    erased_at: datetime | None = Field(description="its words were removed, from everywhere")


class CauseView(BaseModel):
    """Where it began; ``says`` is for operators only."""

    component: str
    since: datetime
    ended_at: datetime | None
    says: str


class PromiseView(BaseModel):
    """When customers were to hear next, and whether they did."""

    due_at: datetime
    state: State
    kept_at: datetime | None
    by: By


class IncidentView(BaseModel):
    id: str
    url: str
    name: str
    status: Phase
    impact: Impact
    automatic: bool
    started_at: datetime
    resolved_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    recovered_at: datetime | None = Field(description="every check of it is well since")
    false_alarm: bool
    letters_stopped_at: datetime | None
    letters_held: bool = Field(description="letters wait until an operator speaks or releases them")
    components: dict[str, Status]
    causes: list[CauseView]
    updates: list[UpdateView] = Field(description="oldest first")
    promises: list[PromiseView] = Field(description="oldest first")
    postmortem: PostmortemView | None
    postmortem_due_at: datetime | None = Field(description="when one is owed; null: none is")


class SpokenView(IncidentView):
    """The incident after a word; ``continued``: it was there before, opened by the checks."""

    continued: bool = False
    findings: list[FindingView] = Field(default=[], description="what the review found in it")


async def tell(
    session: AsyncSession, settings: Settings, rows: Sequence[Incident], now: datetime
) -> list[IncidentView]:
    """Incidents with all that belongs to them, in the order given."""
    ids = [row.id for row in rows]
    shares = await _of(session, Share, ids, col(Share.position))
    causes = await _of(session, Cause, ids, col(Cause.id))
    updates = await _of(session, Update, ids, col(Update.n))
    promises = await _of(session, Promise, ids, col(Promise.id))
    postmortems = await tell_postmortems(session, ids)
    return [
        _incident(
            settings,
            row,
            shares=shares.get(row.id, []),
            causes=causes.get(row.id, []),
            updates=[_update(update) for update in updates.get(row.id, [])],
            promises=list(_promises(promises.get(row.id, []), now)),
            postmortem=postmortems.get(row.id),
        )
        for row in rows
    ]


async def _of(
    session: AsyncSession, table: type[_Row], ids: Sequence[str], order: Any
) -> dict[str, list[_Row]]:
    found: dict[str, list[_Row]] = {}
    rows = await session.scalars(
        sa.select(table).where(col(table.incident_id).in_(ids)).order_by(order)
    )
    for row in rows.all():
        found.setdefault(row.incident_id, []).append(row)
    return found


def _incident(
    settings: Settings,
    row: Incident,
    *,
    shares: Sequence[Share],
    causes: Sequence[Cause],
    updates: list[UpdateView],
    promises: list[PromiseView],
    postmortem: PostmortemView | None,
) -> IncidentView:
    return IncidentView(
        id=row.id,
        url=f"{settings.site.url}/incidents/{row.id}",
        name=row.name or _named(settings, shares, causes),
        status=Phase(row.status),
        impact=Impact(row.impact),
        automatic=row.automatic,
        started_at=row.started_at,
        resolved_at=row.resolved_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        recovered_at=row.recovered_at,
        false_alarm=row.false_alarm,
        letters_stopped_at=row.letters_stopped_at,
        letters_held=row.letters_held,
        components={share.component_id: Status(share.status) for share in shares},
        causes=[_cause(cause) for cause in causes],
        updates=updates,
        promises=promises,
        postmortem=postmortem,
        postmortem_due_at=owed_by(row, settings.letters.postmortem_within),
    )


def _named(settings: Settings, shares: Sequence[Share], causes: Sequence[Cause]) -> str:
    """Nobody gave it a title: where it began, else what it touches."""
    ids = [cause.component_id for cause in causes] or [share.component_id for share in shares]
    known = [(id, settings.component(id)) for id in dict.fromkeys(ids)]
    return ", ".join(one.name if one else id for id, one in known) or "Incident"


def _cause(row: Cause) -> CauseView:
    return CauseView(
        component=row.component_id, since=row.since, ended_at=row.ended_at, says=row.says
    )


def _update(row: Update) -> UpdateView:
    return UpdateView(
        n=row.n,
        at=row.at,
        status=Phase(row.status),
        by=By(row.by),
        kind=row.kind,
        corrects=row.corrects,
        author=row.author,
        what_happened=row.what_happened,
        what_we_are_doing=row.what_we_are_doing,
        how_we_prevent_it=row.how_we_prevent_it,
        language=row.language,
        tone=Tone(row.tone),
        translations=row.translations,
        changes=[ChangeView(**change) for change in row.changes],
        notify=row.notify,
        withdrawn_at=row.withdrawn_at,
        withdrawn_why=row.withdrawn_why,
        erased_at=row.erased_at,
    )


def _promises(rows: Iterable[Promise], now: datetime) -> Iterable[PromiseView]:
    for row in rows:
        if row.dropped_at is None:
            state = _state(row, now)
            yield PromiseView(due_at=row.due_at, state=state, kept_at=row.kept_at, by=By(row.by))


def _state(row: Promise, now: datetime) -> State:
    """Kept too late is missed: customers were waiting. The machine's is passed on, never missed."""
    if row.by == By.MACHINE:
        return "kept" if row.kept_at is not None else "open"
    if row.kept_at is not None:
        return "kept" if row.kept_at <= row.due_at else "missed"
    return "missed" if row.missed_at is not None or row.due_at < now else "open"
