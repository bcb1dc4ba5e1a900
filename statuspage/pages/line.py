"""How is one thing told that was said about an incident?

A person's words stand as written; the machine's line is a fixed sentence of the reader's
language, with what it changed. So is that of a person who only named what is down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

from statuspage.pages.card import paragraph
from statuspage.pages.prose import prose
from statuspage.pages.reader import Reader, isolated
from statuspage.rules.board import IncidentView, UpdateView

BY_A_PERSON = "words"
"""The kind of what a person said; words of their own it need not have."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what was said."""

    at: Markup
    label: str
    body: Markup
    language: str | None
    mailed: bool


def line_of(update: UpdateView, incident: IncidentView, reader: Reader) -> Line:
    """What one update said: a person's first two parts, or the machine's sentence."""
    at = reader.time(update.at) if incident.status.is_open else reader.moment(update.at)
    if update.words:
        happened, doing_now, prevent, language = update.words.read_in(reader.code)
        body = Markup("").join(prose(text) for text in (happened, doing_now, prevent) if text)
        foreign = language if language != reader.code else None
        return Line(at, _label(update, reader), body, foreign, update.mailed)
    body = paragraph(*_without_words(update, reader))
    return Line(at, _label(update, reader), body, None, update.mailed)


def _label(update: UpdateView, reader: Reader) -> str:
    is_phase = update.kind == BY_A_PERSON
    return reader.word(f"page.phase.{update.phase}" if is_phase else f"page.label.{update.kind}")


def _without_words(update: UpdateView, reader: Reader) -> Iterator[Markup]:
    is_alone = update.kind == "noticed" and not reader.site.calls_team
    kind = "erased" if update.erased else "uncalled" if is_alone else update.kind
    yield reader.say(f"page.said.{kind}")
    if update.changes:
        changes = [
            f"{isolated(change.name)}: {reader.word(f'page.status.{change.new}')}"
            for change in update.changes
        ]
        yield escape("; ".join(changes) + ".")
