"""What does a feed say about one incident?

When customers hear next stands first, then cause and consequence, then everything that was
said. Where no person has spoken yet, the machine says in three parts what it knows. A
reader fetches an entry now and reads it tonight, so a promise bears its day.
"""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup, escape

from statuspage.pages.card import card, in_parts, promise, title, written_in
from statuspage.pages.feed_entry import GAP, Entry, headed, in_language, in_one, paragraphs, said
from statuspage.pages.line import Line, line_of
from statuspage.pages.postmortem import in_lines, owed
from statuspage.pages.reader import Reader
from statuspage.rules.board import IncidentView, UpdateView, Words
from statuspage.vocabulary import Phase


def incident_entry(incident: IncidentView, reader: Reader) -> Entry:
    lines = Markup("").join(_said(update, incident, reader) for update in incident.updates)
    return Entry(
        id=incident.id,
        path=f"/incidents/{incident.id}",
        category="incident",
        title=title(incident, reader).striptags(),
        published_at=incident.created_at,
        updated_at=incident.updated_at,
        content=paragraphs(_first(incident, reader)) + lines,
    )


def _first(incident: IncidentView, reader: Reader) -> Iterator[Markup | str | None]:
    yield promise(incident, reader, reader.moment)
    if incident.false_alarm:
        yield reader.word("page.false_alarm")
    yield owed(incident, reader)
    known = card(incident, reader)
    yield Markup(" ").join(known.facts)
    if incident.latest_words is None:
        yield from (headed(part.heading, in_one(part.body)) for part in known.parts)


def _said(update: UpdateView, incident: IncidentView, reader: Reader) -> Markup:
    line = line_of(update, incident, reader)
    has_words = update.words is not None and not update.erased
    told = list(_in_words(update.words, update.phase, reader)) if has_words else [in_one(line.body)]
    if update.phase is Phase.POSTMORTEM and has_words:
        told += _changes(incident, reader)
    return said(update.at, update.phase, GAP.join([*told, *_before(line, reader)]), reader)


def _in_words(words: Words | None, phase: Phase, reader: Reader) -> Iterator[Markup]:
    """What a person said; with its headings where it has more than one part."""
    if words is None:
        return
    if warning := written_in(words, reader):
        yield escape(warning)
    parts = list(in_parts(words, phase, reader))
    for part in parts:
        told = in_language(in_one(part.body), part.language)
        yield headed(part.heading, told) if len(parts) > 1 else told


def _changes(incident: IncidentView, reader: Reader) -> list[Markup]:
    """What we change, a line each, with its day and whether it is done."""
    lines = [escape(line) for line in in_lines(incident, reader)]
    heading = Markup("<em>{}.</em>").format(reader.word("words.what_we_change"))
    return [Markup("<br>").join([heading, *lines])] if lines else []


def _before(line: Line, reader: Reader) -> Iterator[Markup]:
    """What it said before it was corrected, as the page shows it."""
    if line.corrected is None:
        return
    before = reader.word("page.said_before") if line.was else ""
    yield Markup("<small>{} {}</small>").format(line.corrected, before)
    for was in line.was:
        yield Markup("<del>{}</del>").format(in_language(in_one(was.body), was.language))
