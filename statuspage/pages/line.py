"""How is one thing told that was said about an incident?

A person's words stand as written; the machine's line is a fixed sentence of the reader's
language, with what it changed. So is that of a person who only named what is down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

from statuspage.pages.card import corrected_at, paragraph, told
from statuspage.pages.fanout import how_fast
from statuspage.pages.prose import prose
from statuspage.pages.reader import Reader, isolated
from statuspage.rules.board import IncidentView, UpdateView, Words

BY_A_PERSON = "words"
"""The kind of what a person said; words of their own it need not have."""


@dataclass(frozen=True, slots=True)
class Was:
    """What stood there before it was corrected."""

    body: Markup
    language: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what was said."""

    at: Markup
    label: str
    body: Markup
    language: str | None
    mailed: bool
    corrected: Markup | None = None
    was: tuple[Was, ...] = ()
    how_fast: Markup | None = None
    """How customers were told of it by letter."""


def line_of(update: UpdateView, incident: IncidentView, reader: Reader) -> Line:
    """What one update said: a person's first two parts, or the machine's sentence."""
    at = told(update.at, incident, reader)
    label, was = _label(update, reader), tuple(_before(one, reader) for one in update.was)
    corrected = corrected_at(update.words, incident, reader) if update.words else None
    fast = how_fast(update.fanout, reader)
    if update.words and not update.erased:
        body, foreign = _body(update.words, reader)
        return Line(at, label, body, foreign, update.mailed, corrected, was, fast)
    left = _body(update.words, reader)[0] if update.words else Markup("")
    body = left + paragraph(*_without_words(update, incident, reader))
    return Line(at, label, body, None, update.mailed, corrected, was, fast)


def _body(words: Words, reader: Reader) -> tuple[Markup, str | None]:
    """What was said, and its language where that is not the reader's."""
    *parts, language = words.read_in(reader.code)
    body = Markup("").join(prose(text) for text in parts if text)
    return body, language if language != reader.code else None


def _before(words: Words | None, reader: Reader) -> Was:
    if words is None:
        return Was(paragraph(reader.say("page.said.erased")), None)
    return Was(*_body(words, reader))


def _label(update: UpdateView, reader: Reader) -> str:
    is_phase = update.kind == BY_A_PERSON
    return reader.word(f"page.phase.{update.phase}" if is_phase else f"page.label.{update.kind}")


def _without_words(update: UpdateView, incident: IncidentView, reader: Reader) -> Iterator[Markup]:
    if update.corrects_at:
        yield reader.say("page.said.correction", time=told(update.corrects_at, incident, reader))
        return
    is_alone = update.kind == "noticed" and not reader.site.calls_team
    kind = "erased" if update.erased else "uncalled" if is_alone else update.kind
    yield reader.say(f"page.said.{kind}")
    if update.changes:
        changes = [
            f"{isolated(change.name)}: {reader.word(f'page.status.{change.new}')}"
            for change in update.changes
        ]
        yield escape("; ".join(changes) + ".")
