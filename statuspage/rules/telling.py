"""What do we tell customers? Rows become facts.

Only what is public gets in: of a component with ``public = false`` not even its name.
Facts of a person's word are frozen when it is said; those of an automatic first word
when it is spread, after every cause was asked afresh.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from notifications import facts
from notifications.changes import Action, Credit
from statuspage.rules.dress import dress
from statuspage.rules.words import PARTS, is_whole
from statuspage.settings import Settings
from statuspage.tables import Incident, PostmortemAction, Share, Update
from statuspage.vocabulary import Status, Tone


def site(settings: Settings) -> facts.Site:
    contact = settings.site.contact
    return facts.Site(
        name=settings.site.name,
        url=settings.site.url,
        time_zone=settings.site.time_zone,
        default_language=settings.site.languages[0],
        contact_email=contact.email,
        contact_phone=contact.phone,
        contact_hours=contact.hours,
        accent=dress(settings.site).accent,
    )


def incident(
    settings: Settings, incident: Incident, shares: Iterable[Share]
) -> facts.IncidentFacts:
    """The public side of an incident; what is named worst comes first."""
    named = sorted(shares, key=lambda share: (-Status(share.worst).severity, share.position))
    components = [settings.component(share.component_id) for share in named]
    return facts.IncidentFacts(
        id=incident.id,
        url=f"{settings.site.url}/incidents/{incident.id}",
        started_at=incident.since,
        impact=incident.impact,
        name=incident.name,
        language=incident.language,
        affected=tuple(
            facts.Affected(
                name=component.name,
                when_down=component.when_down,
                still_works=component.still_works,
            )
            for component in components
            if component is not None and component.public
        ),
    )


def noticed(
    settings: Settings,
    row: Incident,
    shares: Iterable[Share],
    next_word_at: datetime,
    now: datetime,
) -> facts.Noticed:
    """The first word of an outage that only the checks know."""
    return facts.Noticed(
        incident=incident(settings, row, shares),
        acknowledged=row.acknowledged_at is not None,
        next_word_at=next_word_at,
        said_at=now,
        called=bool(settings.operators.notify),
    )


def worded(
    settings: Settings,
    row: Incident,
    shares: Iterable[Share],
    update: Update,
    next_word_at: datetime | None,
    record: tuple[facts.Record, ...] = (),
) -> facts.Worded | facts.Over:
    """A person's update; the last one says that it is over."""
    told = incident(settings, row, shares)
    if row.resolved_at is not None:
        return facts.Over(
            incident=told,
            ended_at=row.resolved_at,
            automatic=False,
            said_at=update.at,
            said=said(update),
            false_alarm=row.false_alarm,
            record=record,
            tone=Tone(update.tone).value,
        )
    return facts.Worded(
        incident=told,
        status=update.status,
        said=said(update),
        said_at=update.at,
        next_word_at=next_word_at,
        tone=Tone(update.tone).value,
    )


def corrected(
    settings: Settings,
    row: Incident,
    shares: Iterable[Share],
    before: Sequence[Update],
    update: Update,
    next_word_at: datetime | None,
) -> facts.Corrected:
    """What an earlier word should have said. ``before``: that word, and how it was corrected
    so far, oldest first.
    """
    return facts.Corrected(
        incident=incident(settings, row, shares),
        status=update.status,
        said_at=update.at,
        wrote_at=before[0].at,
        said=said(update),
        before=said(before[-1]),
        next_word_at=next_word_at,
    )


def said_anew(
    settings: Settings,
    row: Incident,
    shares: Iterable[Share],
    update: Update,
    before: facts.Said | None,
    wrote_at: datetime,
) -> facts.Corrected:
    """What was taken back, and is said in other words now."""
    return facts.Corrected(
        incident=incident(settings, row, shares),
        status=update.status,
        said_at=update.at,
        wrote_at=wrote_at,
        said=said(update),
        before=before,
    )


def over(
    settings: Settings,
    row: Incident,
    shares: Iterable[Share],
    now: datetime,
    record: tuple[facts.Record, ...] = (),
) -> facts.Over:
    """It is over, and only the checks say so; it ended when it had recovered. Where a person has
    spoken, it is not for the machine to say what is known of the cause.
    """
    return facts.Over(
        incident=incident(settings, row, shares),
        ended_at=row.recovered_at or now,
        automatic=row.spoken_at is None,
        said_at=now,
        record=record,
    )


def holding(
    settings: Settings,
    row: Incident,
    shares: Iterable[Share],
    *,
    seen: bool,
    missed_at: datetime | None,
    next_word_at: datetime,
    now: datetime,
) -> facts.Holding:
    """There is no news; ``seen``: by our checks; ``missed_at``: by when a person had promised
    some.
    """
    return facts.Holding(
        incident=incident(settings, row, shares),
        missed_at=missed_at,
        seen_by_checks=seen,
        acknowledged=row.acknowledged_at is not None,
        called=bool(settings.operators.notify),
        next_word_at=next_word_at,
        said_at=now,
    )


def postmortem(
    settings: Settings,
    row: Incident,
    shares: Iterable[Share],
    update: Update,
    credit: Mapping[str, Any],
    actions: Iterable[PostmortemAction],
    record: tuple[facts.Record, ...] = (),
) -> facts.Postmortem:
    """What we learned; ``credit`` is empty where nothing is given."""
    language, words = update.language or "en", said(update)
    if row.resolved_at is None or words is None:
        raise ValueError("a postmortem is words about what is over")
    return facts.Postmortem(
        incident=incident(settings, row, shares),
        ended_at=row.monitoring_at or row.resolved_at,
        said=words,
        said_at=update.at,
        actions=_actions(settings, actions, language),
        credit=Credit(language=language, **credit) if credit else None,
        record=record,
    )


def actions_done(
    settings: Settings,
    row: Incident,
    shares: Iterable[Share],
    update: Update,
    actions: Iterable[PostmortemAction],
    now: datetime,
) -> facts.ActionsDone:
    """We promised; it is done."""
    return facts.ActionsDone(
        incident=incident(settings, row, shares),
        said_at=now,
        actions=_actions(settings, actions, update.language or "en"),
    )


def _actions(
    settings: Settings, rows: Iterable[PostmortemAction], language: str
) -> tuple[Action, ...]:
    zone = settings.site.zone
    return tuple(
        Action(
            text=row.text,
            language=language,
            due=row.due,
            done=row.done_at.astimezone(zone).date() if row.done_at else None,
            translations=row.translations,
        )
        for row in rows
    )


def said(update: Update) -> facts.Said | None:
    """The words of an update, None when a person gave none."""
    if not (update.what_happened or update.what_we_are_doing or update.how_we_prevent_it):
        return None
    return facts.Said(
        words=_words(update.what_happened, update.what_we_are_doing, update.how_we_prevent_it),
        language=update.language or "en",
        translations={
            language: _words(**{name: parts.get(name) for name in PARTS})
            for language, parts in update.translations.items()
            if is_whole({name: getattr(update, name) for name in PARTS}, parts)
        },
    )


def _words(
    what_happened: str | None, what_we_are_doing: str | None, how_we_prevent_it: str | None
) -> facts.Words:
    return facts.Words(
        what_happened=what_happened or "",
        what_we_are_doing=what_we_are_doing or "",
        how_we_prevent_it=how_we_prevent_it,
    )
