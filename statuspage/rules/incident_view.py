"""How does an incident look on the board?

A component with ``public = false`` gives its failures to those above it, and nothing
else; what was taken back is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from statuspage.rules import promises
from statuspage.rules.board import (
    AffectedView,
    IncidentView,
    PromiseView,
    StatusChange,
    UpdateView,
    Words,
)
from statuspage.rules.corrections import wordings
from statuspage.rules.desk import Desk
from statuspage.rules.fanouts import Fanout
from statuspage.rules.given import ActionView, CreditView
from statuspage.rules.how_told import told_view
from statuspage.rules.postmortems import owed_by
from statuspage.tables import Incident, Promise, Update
from statuspage.vocabulary import By, Impact, Phase, Role, Status


def incident_view(desk: Desk, row: Incident) -> IncidentView:
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
        again_at=row.again_at,
        noticed_at=row.noticed_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        acknowledged_at=row.acknowledged_at,
        monitoring_at=row.monitoring_at,
        resolved_at=row.resolved_at,
        false_alarm=row.false_alarm,
        whole_server=row.whole_server,
        causes=tuple(dict.fromkeys(desk.cause(cause.component_id) for cause in standing)),
        components=tuple(_affected(desk, row)),
        updates=tuple(_updates(desk, updates)),
        promise=_promise(desk, row),
        promises=promises.count(desk.promises.get(row.id, ())),
        is_unanswered=row.acknowledged_at is None and _was_passed_on(desk, row),
        actions=tuple(_actions(desk, updates)),
        credit=_credit(desk, updates),
        postmortem_due_at=owed_by(row, desk.settings.letters.postmortem_within),
        told=told_view(row, updates, desk.rows.fanouts, desk.settings.letters.postmortem_within),
    )


def _was_passed_on(desk: Desk, row: Incident) -> bool:
    return any(
        promise.dropped_at is not None and promise.dropped_at >= promise.due_at
        for promise in desk.promises.get(row.id, ())
    )


def _affected(desk: Desk, row: Incident) -> Iterable[AffectedView]:
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


def _updates(desk: Desk, said: Sequence[Update]) -> Iterable[UpdateView]:
    """The newest first; of a word that was corrected, what stands in its place."""
    times = {update.n: update.at for update in said}
    fanouts = _fanouts(desk, said)
    for update in reversed(said):
        if update.corrects is None:
            told = _update(desk, update, wordings(said, update.n))
            yield replace(told, fanout=fanouts.get(update.n))
        elif update.corrects in times:  # else it was taken back, and this with it
            told = replace(_update(desk, update, [update]), words=None, erased=False)
            corrects_at, fanout = times[update.corrects], fanouts.get(update.n)
            yield replace(told, corrects_at=corrects_at, fanout=fanout)


def _update(desk: Desk, update: Update, said: Sequence[Update]) -> UpdateView:
    standing = said[-1]
    return UpdateView(
        n=update.n,
        at=update.at,
        phase=Phase(update.status),
        by=By(update.by),
        kind=update.kind,
        words=_words(standing),
        changes=tuple(_changes(desk, update)),
        mailed=(update.incident_id, update.n) in desk.rows.mailed,
        erased=standing.erased_at is not None,
        was=tuple(_words(before) for before in said[:-1]),
    )


def _fanouts(desk: Desk, said: Sequence[Update]) -> Mapping[int, Fanout]:
    """The number of a word -> how its letters went round; where there were several rounds, the
    first.
    """
    found: dict[int, Fanout] = {}
    for told in desk.rows.fanouts:
        if said and told.incident_id == said[0].incident_id:
            n = _machines_last(said, told.said_at) if told.update_n is None else told.update_n
            found.setdefault(n, told.fanout)
    return found


def _machines_last(said: Sequence[Update], at: datetime) -> int:
    before = (update.n for update in said if update.by == By.MACHINE and update.at <= at)
    return max(before, default=0)


def _words(update: Update) -> Words | None:
    if not (update.what_happened or update.what_we_are_doing or update.how_we_prevent_it):
        return None
    return Words(
        language=update.language or "en",
        what_happened=update.what_happened or "",
        what_we_are_doing=update.what_we_are_doing or "",
        how_we_prevent_it=update.how_we_prevent_it,
        translations=update.translations,
        corrected_at=update.at if update.corrects is not None else None,
    )


def _changes(desk: Desk, update: Update) -> Iterable[StatusChange]:
    for change in update.changes:
        component = desk.settings.component(change["component_id"])
        if component is not None and component.public:
            old, new = Status(change["old"]), Status(change["new"])
            yield StatusChange(component.id, component.name, old, new)


def _actions(desk: Desk, updates: Iterable[Update]) -> Iterable[ActionView]:
    """Those that hang on words which were not taken back."""
    zone = desk.settings.site.zone
    for update in updates:
        for action in desk.actions.get(update.incident_id, []):
            if action.update_n == update.n:
                yield ActionView(
                    n=action.n,
                    text=action.text,
                    language=update.language or "en",
                    translations=action.translations,
                    due=action.due,
                    done=action.done_at.astimezone(zone).date() if action.done_at else None,
                )


def _credit(desk: Desk, updates: Iterable[Update]) -> CreditView | None:
    """What hangs on words which were not taken back."""
    said = {(update.incident_id, update.n): update.language or "en" for update in updates}
    for row in desk.rows.postmortems:
        language = said.get((row.incident_id, row.update_n))
        if language and row.credit:
            by_code = row.credit["kind"] == "code"
            return CreditView(by_code, row.credit["text"], language, row.credit["translations"])
    return None


def _promise(desk: Desk, row: Incident) -> PromiseView | None:
    if row.resolved_at is not None:
        return None
    made = desk.promises.get(row.id, [])
    for n, promise in reversed(list(enumerate(made))):
        if not (promise.kept_at or promise.missed_at or promise.dropped_at):
            return PromiseView(promise.due_at, By(promise.by), _missed_before(made[:n], promise))
    return None


def _missed_before(earlier: Sequence[Promise], promise: Promise) -> datetime | None:
    """The last one that a person missed, if it is the machine that has promised ever since."""
    if promise.by == By.HUMAN:
        return None
    for before in reversed(earlier):
        if before.missed_at is not None:
            return before.due_at
        if before.by == By.HUMAN:
            return None
    return None
