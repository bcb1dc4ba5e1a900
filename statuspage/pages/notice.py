"""How does the notice reach a visitor, a program and a terminal?

As one document that asks for nothing else: no script, no image, no cookie. It is shown
under other hosts than ours, so every address in it is absolute, and its policy lets its
form go to the status page. Always 503 and never stored (RFC 9110 15.6.4); programs get
RFC 9457, terminals a few plain lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from statuspage.memory import Page
from statuspage.pages.again import Again
from statuspage.pages.instead import Notice, Told, notice, told_of
from statuspage.pages.reader import Reader, machine_time, plain
from statuspage.pages.sheets import style_of
from statuspage.pages.steady import steady
from statuspage.pages.templates import template, to_bytes
from statuspage.rules.board import Board
from statuspage.rules.site_view import SiteView


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    asked = {
        (component.id, reader.code): (told, _steady(told, reader))
        for component in board.components
        for told in (told_of(component, board),)
        for reader in readers
    }
    for made in _pages(asked).values():
        yield from made


def _steady(told: Told, reader: Reader) -> Reader:
    return steady(told.incident, reader) if told.incident else reader.steady()


def _pages_of(given: tuple[Told, Reader]) -> tuple[Page, ...]:
    told, reader = notice(*given), given[1]
    headers = (("Content-Security-Policy", policy(reader.site)),)
    return tuple(
        Page(
            path=f"/notice/{told.component}",
            media_type=media_type,
            body=body,
            language=reader.code,
            status=503,
            max_age=None,
            retry_until=told.due_at,
            headers=headers if media_type == "text/html" else (),
        )
        for media_type, body in _bodies(told)
    )


_pages = Again[tuple[str, str], tuple[Told, Reader], tuple[Page, ...]](_pages_of)
"""Of a thousand components few change at once, and the page must not wait for the others."""


def policy(site: SiteView) -> str:
    """The notice's own policy: its form goes to the status page, wherever it is shown."""
    ours = urlsplit(site.url)
    return (
        f"default-src 'none'; style-src '{style_of(site.dress)[1]}'; img-src data:; "
        f"form-action {ours.scheme}://{ours.netloc}; frame-ancestors 'none'; base-uri 'none'"
    )


def _bodies(told: Notice) -> tuple[tuple[str, bytes], ...]:
    html = template("notice.html").render(told=told, reader=told.reader, path="", home=told.url)
    return (
        ("text/html", to_bytes(html)),
        ("application/problem+json", to_bytes(_problem(told))),
        ("text/plain", to_bytes(_lines(told))),
    )


def _problem(told: Notice) -> str:
    """RFC 9457. ``about:blank`` since the status says what kind of problem it is (4.2.1)."""
    sentences = (told.heading.striptags(), *(below.striptags() for below in told.below))
    return json.dumps(
        {
            "type": "about:blank",
            "title": "Service Unavailable",
            "status": 503,
            "detail": " ".join(sentences),
            "component": told.component,
            "component_status": told.status,
            "since": _or_null(told.since_at),
            "next_update_by": _or_null(told.due_at),
            "url": told.url,
        },
        ensure_ascii=False,
    )


def _or_null(at: datetime | None) -> str | None:
    return machine_time(at) if at else None


def _lines(told: Notice) -> str:
    site = plain(told.site.name)
    since = f" ({told.reader.say('page.since', time=told.since).striptags()})" if told.since else ""
    lines = [f"{site}: {told.state}{since}", "", told.heading.striptags()]
    lines += [below.striptags() for below in told.below]
    lines += ["", told.doing] if told.doing else []
    lines += ["", f"{told.promise.striptags()}."] if told.promise else []
    return "\n".join([*lines, "", told.url, ""])
