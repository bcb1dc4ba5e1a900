"""How is one maintenance told on a page?

By its operator's title, or by the names of what it touches; from when to when, whether it
comes again, and what is done, in the operator's words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from notifications.maintenance import spoken_rhythm
from statuspage.pages.card import paragraph
from statuspage.pages.line import Line
from statuspage.pages.prose import prose
from statuspage.pages.reader import Reader
from statuspage.rules.planned import MaintenanceView, StepView


@dataclass(frozen=True, slots=True)
class Work:
    """A maintenance as one reader reads it."""

    id: str
    title: Markup
    state: str
    when: Markup
    names: str
    repeats: Markup | None
    body: Markup
    language: str | None
    """Set where the words are not in the reader's."""
    written_in: str | None


def works(views: Iterable[MaintenanceView], reader: Reader) -> Iterator[Work]:
    return (work(view, reader) for view in views)


def work(view: MaintenanceView, reader: Reader) -> Work:
    _, body, language = view.read_in(reader.code)
    foreign = language if body and language != reader.code else None
    rhythm = spoken_rhythm(reader.language, view.rhythm) if view.rhythm else None
    return Work(
        id=view.id,
        title=title(view, reader),
        state=state(view, reader),
        when=when(view, reader),
        names=names(view, reader),
        repeats=reader.say("page.maintenance.repeats", every=rhythm) if rhythm else None,
        body=prose(body),
        language=foreign,
        written_in=reader.written_in(foreign) if foreign else None,
    )


def title(view: MaintenanceView, reader: Reader) -> Markup:
    told, _, language = view.read_in(reader.code)
    if told:
        return reader.quoted(told, language)
    return reader.say("page.maintenance.title", names=names(view, reader))


def names(view: MaintenanceView, reader: Reader) -> str:
    return reader.names([name for _, name in view.components])


def state(view: MaintenanceView, reader: Reader) -> str:
    return reader.word(f"page.maintenance.{'cancelled' if view.cancelled else view.stage}")


def when(
    view: MaintenanceView, reader: Reader, time: Callable[[datetime], Markup] | None = None
) -> Markup:
    """Ahead and under way by its times; of one that is over, from when, and how long. ``time``:
    how the reader tells when it begins.
    """
    if view.cancelled:
        start, end = reader.moment(view.starts_at), reader.till(view.ends_at, view.starts_at)
        return reader.say("page.maintenance.was_planned", start=start, end=end)
    if view.ended_at is not None:
        length = reader.length(view.starts_at, view.ended_at)
        return reader.say("page.lasted", start=reader.moment(view.starts_at), length=length)
    key = "page.maintenance.now" if view.stage.is_under_way else "page.maintenance.span"
    told_from_today = time is None and view.stage.is_under_way
    reference = reader.today if told_from_today else view.starts_at
    start, end = (time or reader.time)(view.starts_at), reader.till(view.ends_at, reference)
    return reader.say(key, start=start, end=end)


def steps(view: MaintenanceView, reader: Reader) -> list[tuple[None, Line]]:
    """What became of it, newest first."""
    return [(None, _line(step, view, reader)) for step in view.steps]


def _line(step: StepView, view: MaintenanceView, reader: Reader) -> Line:
    at = _at(step.at, view, reader)
    said = reader.say(f"page.maintenance.said.{step.kind}")
    label = reader.word(f"page.maintenance.label.{step.kind}")
    return Line(at, label, paragraph(said), language=None, mailed=False)


def _at(at: datetime, view: MaintenanceView, reader: Reader) -> Markup:
    return reader.moment(at) if view.ended_at else reader.time(at)
