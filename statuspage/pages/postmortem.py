"""What did we promise to change, is it done, and do we still owe an answer?

The words of a postmortem are told like all words. Here stand its actions, each with its day
and its mark, and what is owed: honestly late when it is, by the day it was promised for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from markupsafe import Markup

from statuspage.pages.prose import prose
from statuspage.pages.reader import Reader
from statuspage.rules.board import IncidentView
from statuspage.rules.given import ActionView


@dataclass(frozen=True, slots=True)
class Change:
    """One action as a reader reads it; ``language`` is set where it is not theirs."""

    tone: str
    mark: Markup
    text: Markup
    language: str | None


def changes(incident: IncidentView, reader: Reader) -> list[Change]:
    return [_change(action, reader) for action in incident.actions]


@dataclass(frozen=True, slots=True)
class Given:
    """What is given, as a reader reads it; ``language`` is set where it is not theirs."""

    text: Markup
    language: str | None
    how: str


def given(incident: IncidentView, reader: Reader) -> Given | None:
    """In the words of the letter, but without any code."""
    credit = incident.credit
    if credit is None:
        return None
    own = credit.translations.get(reader.code)
    foreign = None if own or credit.language == reader.code else credit.language
    how = "by_code" if credit.by_code else "applied"
    return Given(prose(own or credit.text), foreign, reader.word(f"page.postmortem.{how}"))


def owed(incident: IncidentView, reader: Reader) -> Markup | None:
    """By when it will be said what we learned, or that we are late with it."""
    if incident.postmortem_due_at is None:
        return None
    key = "late" if is_late(incident, reader) else "owed"
    return reader.say(f"page.postmortem.{key}", time=reader.moment(incident.postmortem_due_at))


def is_late(incident: IncidentView, reader: Reader) -> bool:
    due_at = incident.postmortem_due_at
    return due_at is not None and due_at <= reader.today


def settled(incident: IncidentView) -> bool:
    """Whether no hour changes any more how it is told: it is over, and nothing is owed."""
    return (
        not incident.status.is_open
        and incident.postmortem_due_at is None
        and all(action.done for action in incident.actions)
    )


def in_lines(incident: IncidentView, reader: Reader) -> Iterator[str]:
    """The actions as plain text, for programs."""
    for change in changes(incident, reader):
        yield f"{change.mark.striptags()}: {change.text.striptags()}"


def _change(action: ActionView, reader: Reader) -> Change:
    tone, key, day = "plan", "planned", action.due
    if action.done is not None:
        tone, key, day = "ok", "done", action.done
    elif action.due < reader.today.astimezone(ZoneInfo(reader.site.time_zone)).date():
        tone, key = "slow", "overdue"
    own = action.translations.get(reader.code)
    foreign = None if own or action.language == reader.code else action.language
    mark = reader.say(f"page.postmortem.{key}", day=reader.calendar_day(day))
    return Change(tone, mark, prose(own or action.text), foreign)
