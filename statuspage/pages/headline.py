"""What one sentence says it all?

First what a customer can't do now, in the words configured for it; where there are none,
which part fares how. It never says more than the board does: a page that is blind says
that it is, and "everything answers" only stands where everything was asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from statuspage.pages.reader import Reader
from statuspage.pages.tone import TONES
from statuspage.rules.board import AffectedView, Board, ComponentView
from statuspage.vocabulary import Phase, Status, worst

SENTENCES_IN_A_HEADLINE = 2
"""More than these, and the headline counts the parts; the sentences follow below it."""


@dataclass(frozen=True, slots=True)
class Headline:
    """``tone`` colours it, ``state`` names it in a word, ``sentence`` is the whole of it;
    ``since`` is there for trouble, ``below`` are sentences that follow.
    """

    tone: str
    state: str
    sentence: Markup
    since: Markup | None = None
    below: tuple[Markup, ...] = ()


def headline(board: Board, reader: Reader) -> Headline:
    """The top of the page for one reader."""
    state = worst([component.status for component in board.components])
    if board.blind:
        return _plainly(reader, "blind", "unknown")
    if state is not Status.OPERATIONAL:
        return _trouble(board, state, reader)
    if board.open_incidents:
        return _open(board, reader)
    if board.interval is None:
        return _plainly(reader, "unwatched", "ok")
    if board.looked_at is None:
        return _plainly(reader, "starting", "unknown")
    return _plainly(reader, "operational", "ok")


def _plainly(reader: Reader, key: str, tone: str) -> Headline:
    state = reader.word(f"page.state.{key}")
    return Headline(tone, state, reader.say(f"page.headline.{key}"))


def _trouble(board: Board, state: Status, reader: Reader) -> Headline:
    parts = [component for component in board.components if component.status is state]
    since = min((part.since for part in parts if part.since), default=None)
    if state is Status.UNDER_MAINTENANCE:
        return _maintained(parts, since, reader)
    sentence, below = _what_fails(parts, state, reader)
    return Headline(
        TONES[state],
        reader.word(f"page.status.{state}"),
        sentence,
        reader.say("page.since", time=reader.time(since)) if since else None,
        (*below, *still_working(parts, reader)) if state is Status.MAJOR_OUTAGE else below,
    )


def _maintained(parts: Sequence[ComponentView], since: datetime | None, reader: Reader) -> Headline:
    """Planned, so with its end; what else answers is worth a word."""
    until = max((part.maintained_until for part in parts if part.maintained_until), default=None)
    names = reader.names([part.name for part in parts])
    return Headline(
        TONES[Status.UNDER_MAINTENANCE],
        reader.word(f"page.status.{Status.UNDER_MAINTENANCE}"),
        reader.say(f"page.headline.{Status.UNDER_MAINTENANCE}", names=names),
        reader.say("page.since", time=reader.time(since)) if since else None,
        (reader.say("page.headline.maintained_until", time=reader.time(until)),) if until else (),
    )


def _what_fails(
    parts: Sequence[ComponentView], state: Status, reader: Reader
) -> tuple[Markup, tuple[Markup, ...]]:
    names = reader.names([part.name for part in parts])
    if state is not Status.MAJOR_OUTAGE:
        return reader.say(f"page.headline.{state}", names=names), ()
    noticed = what_customers_notice(parts, reader)
    if 0 < len(noticed) <= SENTENCES_IN_A_HEADLINE:
        return Markup(" ").join(noticed), ()
    if not noticed:
        return reader.count("words.not_available", len(parts), names=names), ()
    return reader.count("page.headline.several", len(parts)), noticed


def what_customers_notice(
    parts: Iterable[ComponentView | AffectedView], reader: Reader
) -> tuple[Markup, ...]:
    """Each configured ``when_down`` once, in the order of the parts."""
    return _once(reader.own(part.when_down) for part in parts)


def still_working(
    parts: Iterable[ComponentView | AffectedView], reader: Reader
) -> tuple[Markup, ...]:
    """Each configured ``still_works`` once, in the order of the parts."""
    return _once(reader.own(part.still_works) for part in parts)


def _once(texts: Iterable[Markup | None]) -> tuple[Markup, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _open(board: Board, reader: Reader) -> Headline:
    """Every public part fares well, and yet something is not over."""
    concerned = [part for incident in board.open_incidents for part in incident.components]
    if not concerned:
        return Headline("slow", *_said(reader, "internal"))
    names = reader.names(list(dict.fromkeys(part.name for part in concerned)))
    if all(incident.status is Phase.MONITORING for incident in board.open_incidents):
        sentence = reader.say("page.headline.recovered", names=names)
        return Headline("ok", reader.word("page.state.recovered"), sentence)
    sentence = reader.say("page.headline.trouble", names=names)
    return Headline("slow", reader.word("page.state.trouble"), sentence)


def _said(reader: Reader, key: str) -> tuple[str, Markup]:
    return reader.word(f"page.state.{key}"), reader.say(f"page.headline.{key}")
