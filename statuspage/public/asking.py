"""What do all forms do that name an address?

Rules: whether an address is known cannot be told from the answer, nor from how long it
takes; no cookie is needed, so the form may stand on any site; a limit for each address, so
that nobody fills a stranger's mailbox. How many letters one network may cause is not a
matter of refusing: ``actions.invitations``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import limits as counted
from statuspage.dependencies import client_address, premises
from statuspage.errors import Fault, Invalid, TooMany
from statuspage.premises import Premises
from statuspage.public import replies
from statuspage.public.asked import Asked
from statuspage.rules import limits, subscriptions
from statuspage.rules.limits import Denied, Limit
from statuspage.tables import House

GRID_S = 0.25
"""Answers leave on this grid, counted from when they were asked for: a row more or less,
written or not, moves none of them."""

Deed = Callable[[AsyncSession, datetime, dict[str, str]], Awaitable[object]]
"""What is asked for, at that time and with this proof."""


def address_in(wish: Asked) -> str:
    """The address as it is kept. Raises ``Invalid``."""
    return mailbox(wish.address, "address")


def mailbox(written: str, field: str) -> str:
    try:
        return subscriptions.normalised(written)
    except subscriptions.NoAddress as error:
        raise Invalid(str(error), faults=[Fault(("body", field), str(error))]) from None


async def once(request: Request, address: str, language: str, deed: Deed) -> Denied | None:
    """Carry it out, unless this address was named too often."""
    at, now = premises(request), premises(request).clock()
    proof = {
        "from": client_address(request),
        "text": subscriptions.TEXT_VERSION,
        "language": language,
    }
    async with at.store.write() as session:
        house = await session.get_one(House, 1)
        verdict = await counted.take(session, _bucket(address, house.secret), now)
        if isinstance(verdict, Denied):
            return verdict
        await deed(session, now, proof)
    at.nudges.nudge("deliver")
    return None


def arrived() -> float:
    """When the request came, on the clock of the grid."""
    return asyncio.get_running_loop().time()


async def until_next(since: float) -> None:
    """Answer when everybody is answered."""
    taken = asyncio.get_running_loop().time() - since
    await asyncio.sleep(GRID_S - taken % GRID_S)


def too_many(at: Premises, wish: Asked, language: str, denied: Denied) -> Response:
    seconds = int(denied.retry_after.total_seconds())
    if wish.is_json:
        raise TooMany("Too many requests; try again later.", retry_after=seconds)
    return replies.page(at, "too_many", language, 429, {"Retry-After": str(seconds)})


def _bucket(address: str, secret: str) -> dict[str, Limit]:
    hashed = limits.keyed_hash(address, secret.encode())
    return {limits.bucket_of(limits.FORMS_PER_ADDRESS, hashed): limits.FORMS_PER_ADDRESS}
