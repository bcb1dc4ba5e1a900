"""What do we say in place of a component that a visitor can't reach?

"We know, and we are fixing it" only once somebody has said that they are on it; before
that, that our systems have noticed and called our team; before any verdict, that we have
just noticed. A component that is well is said to be well, whoever sent the visitor here.
Where a person holds a status by hand, or has closed an incident that the checks still see,
it says just that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from markupsafe import Markup

from statuspage.pages.card import doing, promise, written_in
from statuspage.pages.headline import still_working, what_customers_notice
from statuspage.pages.prose import paragraphs
from statuspage.pages.reader import Reader, isolated
from statuspage.pages.tone import TONES
from statuspage.rules.board import Board, ComponentView, IncidentView
from statuspage.rules.site_view import SiteView
from statuspage.vocabulary import NoticeMode, Phase, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """All that one notice says to one reader; equal ones look the same.

    ``doing`` is plain text: a person's words in ``doing_language``, or the machine's.
    """

    component: str
    site: SiteView
    code: str
    status: Status
    tone: str
    state: str
    heading: Markup
    below: tuple[Markup, ...] = ()
    since_at: datetime | None = None
    since: Markup | None = None
    doing: str | None = None
    doing_language: str | None = None
    written_in: str | None = None
    """One sentence where those words are not in the reader's language."""
    due_at: datetime | None = None
    promise: Markup | None = None
    is_known: bool = False
    """An incident explains it; otherwise the visitor is asked to try again."""
    incident_id: str | None = None
    """Whose end may be waited for."""
    reader: Reader = field(compare=False, repr=False)

    @property
    def url(self) -> str:
        """Where there is more to read."""
        return f"{self.site.url}/{self.code}/"


@dataclass(frozen=True, slots=True)
class Told:
    """All that a notice is made of; equal ones give equal notices.

    ``incident``: the open one that explains how it fares; ``was_closed``: a person has ended
    one, and the checks see no end of the trouble.
    """

    component: ComponentView
    incident: IncidentView | None
    was_closed: bool
    blind: bool
    interval: timedelta | None


def told_of(component: ComponentView, board: Board) -> Told:
    """A notice speaks of now: how the part fared before is not in it."""
    looked_at = component.created_at if component.looked_at else None  # but not when
    return Told(
        replace(component, looked_at=looked_at, fared=None),
        _worst(board.incidents_of(component)),
        _was_closed(board, component),
        board.blind,
        board.interval,
    )


def notice(told: Told, reader: Reader) -> Notice:
    component, incident = told.component, told.incident
    fails = component.gate_shut or component.status is not Status.OPERATIONAL
    if told.blind:
        return _in_short("blind", "unknown", told, reader)
    if component.status is Status.UNDER_MAINTENANCE:
        return _maintained(component, reader)
    if incident and fails and not _held_after(component, incident):
        return _explained(component, incident, reader)
    if component.status is not Status.OPERATIONAL and component.notice is not NoticeMode.ON:
        if component.held:
            return _in_trouble("held", component, reader)
        if told.was_closed:
            return _in_trouble("seen", component, reader)
    return _in_short(*_case(component, incident, fails=fails), told, reader)


def _worst(incidents: Sequence[IncidentView]) -> IncidentView | None:
    """The one that hurts most; of several, the newest."""
    return max(incidents, key=lambda one: (one.impact.weight, one.since), default=None)


def _held_after(component: ComponentView, incident: IncidentView) -> bool:
    """It is mended, and yet somebody holds it shut: to look once more before opening."""
    return (
        component.notice is NoticeMode.ON
        and component.status is Status.OPERATIONAL
        and incident.status is Phase.MONITORING
    )


def _was_closed(board: Board, component: ComponentView) -> bool:
    """A person has ended the incident, and the checks see no end of the trouble."""
    return component.since is not None and any(
        incident.resolved_at is not None
        and incident.resolved_at >= component.since
        and any(part.id == component.id for part in incident.components)
        for incident in board.past_incidents
    )


def _case(
    component: ComponentView, incident: IncidentView | None, *, fails: bool
) -> tuple[str, str]:
    """Which words, in which tone, where no incident explains it."""
    if component.notice is NoticeMode.ON:
        return "closed", "plan"
    if component.held and not fails:
        return "vouched", "ok"
    if fails and component.status is Status.OPERATIONAL and not component.in_doubt:
        return "below", "down"
    if fails or component.in_doubt or component.looked_at is None:
        return "noticing", "slow"
    if incident and incident.status is Phase.MONITORING:
        return "recovered", "ok"
    return "well", "ok"


def _in_short(case: str, tone: str, told: Told, reader: Reader) -> Notice:
    component = told.component
    names = isolated(component.name)
    below = [reader.say(f"notice.{case}_body", names=names)]
    if case == "well" and told.interval:
        below.append(reader.say("notice.pace", pace=reader.pace(told.interval)))
    return Notice(
        component=component.id,
        site=reader.site,
        code=reader.code,
        status=component.status,
        tone=tone,
        state=reader.word(f"notice.state.{case}"),
        heading=reader.say(f"notice.{case}", names=names),
        below=tuple(below),
        reader=reader,
    )


def _in_trouble(case: str, component: ComponentView, reader: Reader) -> Notice:
    """No incident explains it, and yet it is known."""
    return Notice(
        component=component.id,
        site=reader.site,
        code=reader.code,
        status=component.status,
        tone=TONES[component.status],
        state=reader.word(f"page.status.{component.status}"),
        heading=reader.say(f"notice.{case}"),
        below=_noticed(component, component.status, reader),
        since_at=component.since,
        since=reader.time(component.since) if component.since else None,
        is_known=True,
        reader=reader,
    )


def _maintained(component: ComponentView, reader: Reader) -> Notice:
    until = component.maintained_until
    return Notice(
        component=component.id,
        site=reader.site,
        code=reader.code,
        status=component.status,
        tone=TONES[component.status],
        state=reader.word(f"page.status.{component.status}"),
        heading=reader.say("notice.maintenance", names=isolated(component.name)),
        below=still_working([component], reader),
        since_at=component.since,
        since=reader.time(component.since) if component.since else None,
        due_at=until,
        promise=reader.say("notice.maintenance_until", time=reader.time(until)) if until else None,
        reader=reader,
    )


def _explained(component: ComponentView, incident: IncidentView, reader: Reader) -> Notice:
    # shut by a tier below it: whatever its own checks say, a visitor can't use it
    status = Status.MAJOR_OUTAGE if component.gate_shut else component.status
    words = incident.latest_words
    noticed = "notice.called" if reader.site.calls_team else "notice.uncalled"
    is_ours = incident.acknowledged_at is not None or words is not None
    since_at = component.since if component.status is status else None
    done, language = _being_done(incident, reader) if is_ours else (None, None)
    return Notice(
        component=component.id,
        site=reader.site,
        code=reader.code,
        status=component.status,
        tone=TONES[status],
        state=reader.word(f"page.status.{status}"),
        heading=reader.say("notice.known" if is_ours else noticed),
        below=_noticed(component, status, reader),
        since_at=since_at or incident.since,
        since=reader.time(since_at or incident.since),
        doing=done,
        doing_language=language,
        written_in=written_in(words, reader) if words else None,
        due_at=incident.promise.due_at if incident.promise else None,
        promise=promise(incident, reader),
        is_known=True,
        incident_id=incident.id,
        reader=reader,
    )


def _noticed(component: ComponentView, status: Status, reader: Reader) -> tuple[Markup, ...]:
    """What customers notice of it, and what still works."""
    name = isolated(component.name)
    if status is not Status.MAJOR_OUTAGE:
        return (reader.say(f"page.headline.{status}", names=name),)
    noticed = what_customers_notice([component], reader)
    return (
        *(noticed or (reader.count("words.not_available", 1, names=name),)),
        *still_working([component], reader),
    )


def _being_done(incident: IncidentView, reader: Reader) -> tuple[str, str | None]:
    """What is being done, and the language it is told in where that is not the reader's."""
    if words := incident.latest_words:
        _, now, _, language = words.read_in(reader.code)
        return "\n\n".join(paragraphs(now)), language if language != reader.code else None
    return doing(incident, reader).striptags(), None
