"""What does a feed say about one maintenance?

When it is and what it touches, then what became of it; the operator's text stands with the
announcement. Its title always says that it is one: a feed lists it among incidents.
"""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup, escape

from statuspage.pages.feed_entry import GAP, Entry, headed, in_language, in_one, paragraphs, said
from statuspage.pages.planned import names, title, when, work
from statuspage.pages.reader import Reader
from statuspage.rules.planned import MaintenanceView, StepView


def maintenance_entry(view: MaintenanceView, reader: Reader) -> Entry:
    lines = Markup("").join(_said(step, view, reader) for step in view.steps)
    return Entry(
        id=view.id,
        path=f"/maintenances/{view.id}",
        category="maintenance",
        title=full_title(view, reader),
        published_at=view.created_at,
        updated_at=view.updated_at,
        content=paragraphs(_first(view, reader)) + lines,
    )


def full_title(view: MaintenanceView, reader: Reader) -> str:
    """``Maintenance: a new home for the orders``, also where an operator gave the title."""
    named = view.read_in(reader.code)[0]
    told = title(view, reader).striptags()
    return reader.say("page.maintenance.title", names=told).striptags() if named else told


def _first(view: MaintenanceView, reader: Reader) -> Iterator[Markup | None]:
    yield when(view, reader, reader.moment)
    if not view.ended_at:
        yield work(view, reader).repeats
    yield headed(reader.word("page.affected"), escape(names(view, reader)))


def _said(step: StepView, view: MaintenanceView, reader: Reader) -> Markup:
    status = "cancelled" if step.kind == "cancelled" else step.stage
    return said(step.at, status, _body(step, view, reader), reader)


def _body(step: StepView, view: MaintenanceView, reader: Reader) -> Markup:
    """The operator's text with the announcement; else what happened, in a sentence."""
    told = work(view, reader)
    if step.kind != "announced" or not told.body:
        return reader.say(f"page.maintenance.said.{step.kind}")
    warning = [escape(told.written_in)] if told.written_in else []
    return GAP.join([*warning, in_language(in_one(told.body), told.language)])
