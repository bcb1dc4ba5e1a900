"""How do visitors ask to be told, and how do they stop it?

Rules: a GET changes nothing, for mail scanners follow every link; whether an address is
known cannot be told from an answer, nor from how long it takes; a code that nobody has is
always the same page; no cookie is needed, so a form may stand on any site. One click stops
the letters at once (RFC 8058: no redirect, no login, no second question).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from functools import wraps
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import limits as counted
from statuspage.actions import subscribers
from statuspage.dependencies import AtDoor, client_address, premises
from statuspage.errors import Fault, Invalid, TooMany
from statuspage.premises import Premises
from statuspage.public import asked, replies
from statuspage.public.asked import Asked
from statuspage.rules import limits, subscriptions
from statuspage.rules.limits import Denied, Limit
from statuspage.tables import House, Subscriber

router = APIRouter(include_in_schema=False)
GRID_S = 0.25
"""Answers leave on this grid, counted from when they were asked for: a row more or less,
written or not, moves none of them."""
_READ = ["GET", "HEAD"]
_AWAY = (DBAPIError, NoConnection, OSError)

Door = Callable[[Request], Awaitable[Response]]


def patient(door: Door) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """A page in place of the door's answer while the store is away."""

    @wraps(door)
    async def guarded(request: Request) -> Response:
        try:
            return await door(request)
        except _AWAY:
            return replies.not_now(premises(request), request)

    return guarded


@router.api_route("/subscribe", methods=_READ)
async def show_form(request: Request, at: AtDoor) -> Response:
    """The form stands on the page itself."""
    language = replies.reader_of(at, request)
    return RedirectResponse(f"/{language}/#letters", 303, replies.PRIVATE)


@router.post("/subscribe")
@patient
async def subscribe(request: Request) -> Response:
    at, arrived = premises(request), asyncio.get_running_loop().time()
    wish = await asked.read(request)
    language = replies.reader_of(at, request, wish.language)
    try:
        address, components = _checked(at, wish)
    except Invalid:
        if wish.is_json:
            raise
        return _once_more(at, wish, language)
    denied = await _ask(request, at, address, language, components)
    if denied is not None:
        return _too_many(at, wish, language, denied)
    at.nudges.nudge("deliver")
    await _until_next(arrived)
    if wish.is_json:
        return JSONResponse({"status": "asked"}, 202, replies.PRIVATE)
    return replies.page(at, "subscribe_sent", language)


@router.api_route("/subscriptions/{code}/confirm", methods=_READ)
@patient
async def show_confirm(request: Request) -> Response:
    at, code = premises(request), _code(request)
    async with at.store.read() as session:
        found = await subscribers.find_to_confirm(session, code, at.clock())
    if found is None:
        return replies.bad_link(at, request)
    if found.state == "active":
        return _confirmed(at, found)
    language = replies.reader_of(at, request, found.language)
    action = f"/subscriptions/{code}/confirm"
    return replies.page(at, "confirm", language, action=action)


@router.post("/subscriptions/{code}/confirm")
@patient
async def confirm(request: Request) -> Response:
    at = premises(request)
    proof = {"from": client_address(request)}
    async with at.store.write() as session:
        found = await subscribers.confirm(session, _code(request), at.clock(), proof)
    return replies.bad_link(at, request) if found is None else _confirmed(at, found)


@router.api_route("/subscriptions/{code}", methods=_READ)
@patient
async def show_wishes(request: Request) -> Response:
    at, code = premises(request), _code(request)
    async with at.store.read() as session:
        found = await subscribers.find_by_code(session, code)
    if found is None or found.state != "active":
        return replies.bad_link(at, request)
    return _wishes(at, found)


@router.post("/subscriptions/{code}")
@patient
async def change_wishes(request: Request) -> Response:
    """Other components (none: all) or another language."""
    at, wish = premises(request), await asked.read(request)
    components = subscriptions.chosen_from(wish.components, _offered(at))
    if components is None:
        raise Invalid("That is not one of our components.", faults=[_NO_COMPONENT])
    language = replies.reader_of(at, request, wish.language)
    async with at.store.write() as session:
        found = await subscribers.change_wishes(
            session, _code(request), components, language, at.clock()
        )
    return replies.bad_link(at, request) if found is None else _wishes(at, found)


@router.api_route("/unsubscribe/{code}", methods=_READ)
@patient
async def show_unsubscribe(request: Request) -> Response:
    at, code = premises(request), _code(request)
    async with at.store.read() as session:
        found = await subscribers.find_by_code(session, code)
    if found is None:
        return replies.bad_link(at, request)
    language = replies.reader_of(at, request, found.language)
    if found.state == "left":
        return replies.page(at, "unsubscribed", language)
    return replies.page(at, "unsubscribe", language, action=f"/unsubscribe/{code}")


@router.post("/unsubscribe/{code}")
@patient
async def unsubscribe(request: Request) -> Response:
    """At once, whatever the body says: a mail program sends ``List-Unsubscribe=One-Click``."""
    at = premises(request)
    async with at.store.write() as session:
        found = await subscribers.leave(session, _code(request), at.clock())
    if found is None:
        return replies.bad_link(at, request)
    return replies.page(at, "unsubscribed", replies.reader_of(at, request, found.language))


_NO_COMPONENT = Fault(("body", "components"), "not one of our components")


def _checked(at: Premises, wish: Asked) -> tuple[str, list[str]]:
    """The address as it is kept, and the components. Raises ``Invalid``."""
    components = subscriptions.chosen_from(wish.components, _offered(at))
    if components is None:
        raise Invalid("That is not one of our components.", faults=[_NO_COMPONENT])
    try:
        return subscriptions.normalised(wish.address), components
    except subscriptions.NoAddress as error:
        raise Invalid(str(error), faults=[Fault(("body", "address"), str(error))]) from None


async def _ask(
    request: Request, at: Premises, address: str, language: str, components: list[str]
) -> Denied | None:
    now, seen_from = at.clock(), client_address(request)
    proof = {"from": seen_from, "text": subscriptions.TEXT_VERSION, "language": language}
    async with at.store.write() as session:
        house = await session.get_one(House, 1)
        buckets = _buckets(address, seen_from, house.secret)
        denied = await _count(session, buckets, now)
        if denied is not None:
            return denied
        await subscribers.ask(session, at.settings, address, language, components, now, proof)
    return None


async def _count(session: AsyncSession, buckets: dict[str, Limit], now: datetime) -> Denied | None:
    """Look, count, and look again: of many at the same moment, all may pass the first look,
    but counting makes them take turns.
    """
    verdict = await counted.look(session, buckets, now)
    if isinstance(verdict, Denied):
        return verdict
    await counted.count(session, buckets, now)
    with_this = {bucket: replace(limit, most=limit.most + 1) for bucket, limit in buckets.items()}
    verdict = await counted.look(session, with_this, now)
    return verdict if isinstance(verdict, Denied) else None


def _buckets(address: str, seen_from: str, secret: str) -> dict[str, Limit]:
    hashed = limits.keyed_hash(address, secret.encode())
    network = limits.network_of(seen_from)
    return {
        limits.bucket_of(limits.FORMS_PER_ADDRESS, hashed): limits.FORMS_PER_ADDRESS,
        limits.bucket_of(limits.FORMS_PER_NETWORK, network): limits.FORMS_PER_NETWORK,
    }


async def _until_next(arrived: float) -> None:
    taken = asyncio.get_running_loop().time() - arrived
    await asyncio.sleep(GRID_S - taken % GRID_S)


def _once_more(at: Premises, wish: Asked, language: str) -> Response:
    choices = [(one.id, one.name) for one in at.settings.components if one.public]
    typed = wish.address[:254]
    return replies.page(at, "bad_address", language, 422, address=typed, choices=choices)


def _too_many(at: Premises, wish: Asked, language: str, denied: Denied) -> Response:
    seconds = int(denied.retry_after.total_seconds())
    if wish.is_json:
        raise TooMany("Too many requests; try again later.", retry_after=seconds)
    return replies.page(at, "too_many", language, 429, {"Retry-After": str(seconds)})


def _confirmed(at: Premises, found: Subscriber) -> Response:
    manage_url = f"/subscriptions/{found.code}"
    return replies.page(at, "confirmed", _language(at, found), manage_url=manage_url)


def _wishes(at: Premises, found: Subscriber) -> Response:
    chosen = [at.settings.component(id) for id in found.components]
    names = [component.name for component in chosen if component is not None]
    action = f"/unsubscribe/{found.code}"
    return replies.page(at, "manage", _language(at, found), action=action, wishes=names)


def _language(at: Premises, found: Subscriber) -> str:
    offered = at.settings.site.languages
    return found.language if found.language in offered else offered[0]


def _offered(at: Premises) -> list[str]:
    return [component.id for component in at.settings.components if component.public]


def _code(request: Request) -> str:
    code: str = request.path_params["code"]
    return code
