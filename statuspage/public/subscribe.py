"""How do visitors ask to be told?"""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import only_this_time, subscribers
from statuspage.dependencies import AtDoor, premises
from statuspage.errors import Fault, Invalid, Unknown
from statuspage.pages.offer import offer_of
from statuspage.premises import Premises
from statuspage.public import asked, asking, replies
from statuspage.public.asked import Asked
from statuspage.rules.subscriptions import Wishes
from statuspage.tables import Incident

router = APIRouter(include_in_schema=False)


@router.api_route("/subscribe", methods=["GET", "HEAD"])
async def show_form(request: Request, at: AtDoor) -> Response:
    """The form stands on the page itself."""
    language = replies.reader_of(at, request)
    return RedirectResponse(f"/{language}/#letters", 303, replies.PRIVATE)


@router.post("/subscribe")
@replies.patient
async def subscribe(request: Request) -> Response:
    at, arrived = premises(request), asking.arrived()
    wish = await asked.read(request)
    language = replies.reader_of(at, request, wish.language)
    if not at.settings.mail.server:  # no page has the form
        return _no_letters(at, wish, language)
    wrong = "bad_address"
    try:
        address, wrong = asking.address_in(wish), "bad_choice"
        wishes = wish.wishes(at.settings)
        over = await _is_over(at, wishes)
    except Invalid:
        if wish.is_json:
            raise
        return _once_more(at, wish, language, wrong)
    if over:
        return _over(at, wish, language)

    async def ask(session: AsyncSession, now: datetime, proof: dict[str, str]) -> None:
        await subscribers.ask(session, at.settings, address, language, wishes, now, proof)

    denied = await asking.once(request, address, language, ask)
    if denied is not None:
        return asking.too_many(at, wish, language, denied)
    await asking.until_next(arrived)
    if wish.is_json:
        return JSONResponse({"status": "asked"}, 202, replies.PRIVATE)
    return replies.page(at, "subscribe_sent", language)


async def _is_over(at: Premises, wishes: Wishes) -> bool:
    """Whether they wish to hear the end of what is over. Raises ``Invalid``."""
    if wishes.only_incident_id is None:
        return False
    async with at.store.read() as session:
        if await session.get(Incident, wishes.only_incident_id) is None:
            unknown = Fault(("body", "only_incident"), "not one of our incidents")
            raise Invalid("That is not one of our incidents.", faults=[unknown])
        return await only_this_time.is_over(session, wishes.only_incident_id, at.clock())


def _over(at: Premises, wish: Asked, language: str) -> Response:
    """Of an address that nobody is written to any more, nothing is kept."""
    if wish.is_json:
        return JSONResponse({"status": "over"}, 200, replies.PRIVATE)
    return replies.page(at, "over", language)


def _no_letters(at: Premises, wish: Asked, language: str) -> Response:
    if wish.is_json:
        raise Unknown("This site writes no letters: no mail relay is configured.")
    return replies.page(at, "no_letters", language, 404)


def _once_more(at: Premises, wish: Asked, language: str, wrong: str) -> Response:
    typed, offer = wish.address[:254], offer_of(at.settings.components)
    return replies.page(at, wrong, language, 422, address=typed, offer=offer)
