"""How do visitors ask to be told?

Rules: whether an address is known cannot be told from the answer, nor from how long it
takes; no cookie is needed, so the form may stand on any site; a limit for each address and
each network, so that nobody fills a stranger's mailbox, or our table.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import limits as counted
from statuspage.actions import subscribers
from statuspage.dependencies import AtDoor, client_address, premises
from statuspage.errors import Fault, Invalid, TooMany, Unknown
from statuspage.premises import Premises
from statuspage.public import asked, replies
from statuspage.public.asked import Asked
from statuspage.rules import limits, subscriptions
from statuspage.rules.limits import Denied, Limit
from statuspage.tables import House

router = APIRouter(include_in_schema=False)
GRID_S = 0.25
"""Answers leave on this grid, counted from when they were asked for: a row more or less,
written or not, moves none of them."""


@router.api_route("/subscribe", methods=["GET", "HEAD"])
async def show_form(request: Request, at: AtDoor) -> Response:
    """The form stands on the page itself."""
    language = replies.reader_of(at, request)
    return RedirectResponse(f"/{language}/#letters", 303, replies.PRIVATE)


@router.post("/subscribe")
@replies.patient
async def subscribe(request: Request) -> Response:
    at, arrived = premises(request), asyncio.get_running_loop().time()
    wish = await asked.read(request)
    language = replies.reader_of(at, request, wish.language)
    if not at.settings.mail.server:  # no page has the form
        return _no_letters(at, wish, language)
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


def _checked(at: Premises, wish: Asked) -> tuple[str, list[str]]:
    """The address as it is kept, and the components. Raises ``Invalid``."""
    components = wish.chosen_of(at.settings)
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


def _no_letters(at: Premises, wish: Asked, language: str) -> Response:
    if wish.is_json:
        raise Unknown("This site writes no letters: no mail relay is configured.")
    return replies.page(at, "no_letters", language, 404)


def _once_more(at: Premises, wish: Asked, language: str) -> Response:
    choices = [(one.id, one.name) for one in at.settings.components if one.public]
    typed = wish.address[:254]
    return replies.page(at, "bad_address", language, 422, address=typed, choices=choices)


def _too_many(at: Premises, wish: Asked, language: str, denied: Denied) -> Response:
    seconds = int(denied.retry_after.total_seconds())
    if wish.is_json:
        raise TooMany("Too many requests; try again later.", retry_after=seconds)
    return replies.page(at, "too_many", language, 429, {"Retry-After": str(seconds)})
