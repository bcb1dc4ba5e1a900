"""What is one entry of a feed, and what shape has a thing that was said?

The shape is the field's convention, which programs take apart: a paragraph for each thing
said, in it a stamp in ``<small>``, the status in ``<strong>``, a dash and the words. What has
paragraphs of its own is told in that one paragraph, its parts parted by empty lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from notifications.language import zone_name
from statuspage.pages.reader import Reader

GAP = Markup("<br><br>")
_HEADED = Markup("<em>{}.</em> {}")
_SAID = Markup("<p><small>{}</small><br><strong>{}</strong> - {}</p>")


@dataclass(frozen=True, slots=True)
class Entry:
    """One incident or maintenance; ``content`` is HTML. ``updated_at`` is when something was
    last said: a promise that the machine only renews calls no reader back.
    """

    id: str
    path: str
    category: str
    title: str
    published_at: datetime
    updated_at: datetime
    content: Markup


def said(at: datetime, status: str, body: Markup, reader: Reader) -> Markup:
    """One thing that was said."""
    return _SAID.format(_stamp(at, reader), reader.word(f"feed.status.{status}"), body)


def paragraphs(told: Iterable[Markup | str | None]) -> Markup:
    """A paragraph for each of these that there is."""
    return Markup("").join(
        Markup("<p>{}</p>").format(_sentence(escape(one))) for one in told if one
    )


def headed(heading: str, body: Markup) -> Markup:
    """A part and its heading, in one run of text."""
    return _HEADED.format(heading, body)


def in_one(body: Markup) -> Markup:
    """Paragraphs of ours, told in one: of what people wrote nothing is taken for a tag."""
    inside = body.removeprefix("<p>").removesuffix("</p>")
    return Markup(inside.replace("</p><p>", GAP))  # noqa: S704 - still Markup, as it came


def in_language(body: Markup, code: str | None) -> Markup:
    """Words marked with their language where it is not the reader's."""
    return Markup('<span lang="{}" dir="auto">{}</span>').format(code, body) if code else body


def _sentence(told: Markup) -> Markup:
    """What stands on a page in a frame of its own needs no capital and no stop there."""
    return told[:1].upper() + told[1:] + ("" if told.striptags().endswith(".") else ".")


def _stamp(at: datetime, reader: Reader) -> Markup:
    """``Nov 23, 14:21 CET``, in which programs find day and hour."""
    local = at.astimezone(ZoneInfo(reader.site.time_zone))
    return reader.say(
        "feed.stamp",
        month=reader.language.strings("feed.months")[local.month - 1],
        day=Markup("<var data-var='date'>{}</var>").format(local.day),
        time=Markup("<var data-var='time'>{}</var>").format(f"{local:%H:%M}"),
        zone=zone_name(local),
    )
