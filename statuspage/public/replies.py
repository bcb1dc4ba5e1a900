"""What does a visitor see who sent a form or followed a personal link?

A small page in their language, or JSON to a program that sent JSON. Rules: no cache keeps
it, and no other site is told its address, for that address is a secret; it is the same for
everybody, so that nothing can be told from it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import wraps
from typing import Any

from fastapi import Request, Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from statuspage.dependencies import premises
from statuspage.pages import policy
from statuspage.pages.forms import form_page
from statuspage.premises import Premises
from statuspage.rules import composing
from statuspage.rules.negotiation import best_language
from statuspage.tables import Subscriber

STORE_AWAY_S = 5
PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
_NOT_NOW = (DBAPIError, NoConnection, OSError)
"""More than a store that is away: two visitors at the same moment may ask again too, and need no
other words.
"""

Door = Callable[[Request], Awaitable[Response]]


def patient(door: Door) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """A page in place of the door's answer while the store is away."""

    @wraps(door)
    async def guarded(request: Request) -> Response:
        try:
            return await door(request)
        except _NOT_NOW:
            return not_now(premises(request), request)

    return guarded


def page(
    at: Premises,
    name: str,
    language: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """One of ``statuspage.pages.forms``."""
    site = composing.site(at.settings)
    body = form_page(name, language, site, **values)
    told = {**PRIVATE, "Content-Security-Policy": policy(site.dress), "Content-Language": language}
    return Response(body, status, {**told, **(headers or {})}, "text/html; charset=utf-8")


def bad_link(at: Premises, request: Request) -> Response:
    """The same for every code that nobody has, or has no more."""
    return page(at, "bad_link", reader_of(at, request), 404)


def not_now(at: Premises, request: Request) -> Response:
    """The store is away: nothing was changed."""
    again = {"Retry-After": str(STORE_AWAY_S)}
    return page(at, "not_now", reader_of(at, request), 503, again)


def reader_of(at: Premises, request: Request, wished: str | None = None) -> str:
    """The language that they chose, if we speak it here, else what their browser wishes."""
    offered = at.settings.site.languages
    if wished in offered:
        return wished
    return best_language(request.headers.get("accept-language", ""), offered)


def language_of(at: Premises, subscriber: Subscriber) -> str:
    """Theirs, if it is still spoken here."""
    offered = at.settings.site.languages
    return subscriber.language if subscriber.language in offered else offered[0]
