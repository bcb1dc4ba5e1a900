"""How do we tell what we learned, and later that what we promised is done?

The postmortem's three parts are a person's; the fixed words around them are the reader's: what
we change and by when, and what we give. Around a gift stands no condition, no end date and
nothing to do. Nothing here looks at a clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from notifications.changes import Action, Credit
from notifications.facts import ActionsDone, Localized, Postmortem
from notifications.phrases import PARTS, Desk
from notifications.plain import one_line, shortened
from notifications.sheet import Paragraph, Part, Section, place

APART = ("actions_done",)
"""Occasions that take no earlier word's place: after them a postmortem still is to be read."""


def section(desk: Desk, facts: Postmortem | ActionsDone) -> Section:
    return _learned(desk, facts) if isinstance(facts, Postmortem) else _done(desk, facts)


def _learned(desk: Desk, facts: Postmortem) -> Section:
    incident = facts.incident
    subject = desk.text("postmortem.subject", title=desk.title(incident).text)
    was = desk.was(incident, facts.ended_at, facts.said_at)
    ahead = any(action.done is None for action in facts.actions)
    return Section(
        mood="ok",
        state=desk.text("postmortem.state"),
        subject=subject,
        headline=Paragraph(subject),
        intro=(Paragraph(was), *desk.other_language(facts.said)),
        parts=(*_three(desk, facts), *_actions(desk, facts), *_credit(desk, facts)),
        next_word=desk.text("postmortem.once_more" if ahead else "postmortem.last"),
        record=tuple(desk.record(one) for one in desk.some(facts.record)),
        link=desk.look(incident),
    )


def _done(desk: Desk, facts: ActionsDone) -> Section:
    """Short: what we promised, and when each of it was done."""
    incident = facts.incident
    subject = desk.text("actions_done.subject", title=desk.title(incident).text)
    began = desk.language.date(incident.started_at, desk.site.time_zone)
    why = desk.about("actions_done.why", incident, day=began)
    listed = tuple(_listed(desk, facts.actions))
    return Section(
        mood="ok",
        state=desk.text("actions_done.state"),
        subject=subject,
        headline=Paragraph(subject),
        intro=(Paragraph(why),),
        parts=(Part(desk.text("actions_done.promised"), listed),),
        next_word=desk.text("postmortem.last"),
        link=desk.look(incident),
    )


def _three(desk: Desk, facts: Postmortem) -> tuple[Part, ...]:
    return desk.three(*(desk.quoted(facts.said, part) for part in PARTS), done=True)


def _actions(desk: Desk, facts: Postmortem) -> Iterator[Part]:
    if facts.actions:
        yield Part(desk.language.text("words.what_we_change"), tuple(_listed(desk, facts.actions)))


def _listed(desk: Desk, actions: tuple[Action, ...]) -> Iterator[Paragraph]:
    """``24 December 2026: A second disk.``, in the order in which they were said."""
    told = desk.some(actions)
    for action in told:
        written, language = _read(desk, action.text, action.language, action.translations)
        text, _ = shortened(one_line(written), desk.room.characters)
        key = "postmortem.action_done" if action.done else "postmortem.action"
        day = desk.language.calendar_day(_day(action))
        yield Paragraph(desk.text(key, day=day, text=text), language)
    if len(told) < len(actions):
        yield Paragraph(desk.language.text("words.more"))


def _day(action: Action) -> date:
    return action.done or action.due


def _credit(desk: Desk, facts: Postmortem) -> Iterator[Part]:
    if facts.credit is not None:
        told = tuple(_given(desk, facts.credit, facts.incident.id))
        yield Part(desk.text("postmortem.credit"), told)


def _given(desk: Desk, credit: Credit, incident_id: str) -> Iterator[Paragraph]:
    text, language = _read(desk, credit.text, credit.language, credit.translations)
    yield from desk.as_written(text, language or desk.language.code)
    if credit.kind == "applied":
        yield Paragraph(desk.text("postmortem.applied"))
        return
    yield Paragraph(desk.text("postmortem.code"))
    yield Paragraph(place(f"credit_code:{incident_id}"), by_letter=True)
    yield Paragraph(desk.text("postmortem.no_strings"))


def _read(desk: Desk, text: str, language: str, translations: Localized) -> tuple[str, str | None]:
    """For this reader, and the language where it is not theirs."""
    own = translations.get(desk.language.code)
    if own:
        return own, None
    return text, desk.foreign(language)
