"""What do the personal links in letters open?

Rules: a GET changes nothing, for mail scanners follow every link; a code that nobody has is
always the same page. One click stops the letters at once (RFC 8058: no redirect, no login,
no second question).
"""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import disclosures, subscribers
from statuspage.actions.subscribers import TOLD
from statuspage.dependencies import client_address, premises
from statuspage.errors import Invalid
from statuspage.pages.offer import offer_of
from statuspage.premises import Premises
from statuspage.public import asked, asking, hook_replies, replies
from statuspage.tables import Subscriber

router = APIRouter(include_in_schema=False)
KNOWN = (*TOLD, "left")
"""Of whom something is kept that they may see, and have erased."""


@router.api_route("/subscriptions/{code}/confirm", methods=["GET", "HEAD"])
@replies.patient
async def show_confirm(request: Request) -> Response:
    at, code = premises(request), _code(request)
    async with at.store.read() as session:
        found = await subscribers.find_to_confirm(session, code, at.clock())
    if found is None:
        return replies.bad_link(at, request)
    if found.state == "active":
        return _confirmed(at, found)
    name = "confirm" if found.only_incident_id is None else "confirm_once"
    name = name if found.channel == "email" else "confirm_hook"
    action = f"/subscriptions/{code}/confirm"
    return replies.page(at, name, replies.reader_of(at, request, found.language), action=action)


@router.post("/subscriptions/{code}/confirm")
@replies.patient
async def confirm(request: Request) -> Response:
    at = premises(request)
    proof = {"from": client_address(request)}
    async with at.store.write() as session:
        found = await subscribers.confirm(session, _code(request), at.clock(), proof)
    if found is None:
        return replies.bad_link(at, request)
    if found.state == "erased":  # what they wanted to hear the end of is over
        return replies.page(at, "over", replies.reader_of(at, request))
    if found.channel != "email":
        return hook_replies.confirmed(at, found, found.secret)
    return _confirmed(at, found)


@router.api_route("/subscriptions/{code}", methods=["GET", "HEAD"])
@replies.patient
async def show_wishes(request: Request) -> Response:
    at = premises(request)
    found = await _known(at, request)
    if found is None:
        return replies.bad_link(at, request)
    return _left(at, found) if found.state == "left" else _wishes(at, found)


@router.post("/subscriptions/{code}")
@replies.patient
async def change_wishes(request: Request) -> Response:
    """All of them: what is not sent is not wished."""
    at, wish = premises(request), await asked.read(request)
    try:
        wishes = wish.wishes(at.settings)
    except Invalid:  # the form was opened before our list changed
        found = await _known(at, request)
        if wish.is_json or found is None or found.state not in TOLD:
            raise
        return _wishes(at, found, "bad_choice", 422)
    language = replies.reader_of(at, request, wish.language)
    async with at.store.write() as session:
        found = await subscribers.change_wishes(
            session, _code(request), wishes, language, at.clock()
        )
    return replies.bad_link(at, request) if found is None else _wishes(at, found, "saved")


@router.post("/subscriptions/{code}/address")
@replies.patient
async def change_address(request: Request) -> Response:
    """The answer is the same, and as quick, whoever has the new address."""
    at, code, arrived = premises(request), _code(request), asking.arrived()
    wish, found = await asked.read(request), await _known(at, request)
    if found is None or found.state not in TOLD or found.channel != "email":
        return replies.bad_link(at, request)
    try:
        address = asking.address_in(wish)
    except Invalid:
        return _wishes(at, found, "bad_address", 422)

    async def ask(session: AsyncSession, now: datetime, proof: dict[str, str]) -> None:
        await subscribers.ask_for_address(session, at.settings, code, address, now, proof)

    language = replies.language_of(at, found)
    denied = await asking.once(request, address, language, ask)
    if denied is not None:
        return asking.too_many(at, wish, language, denied)
    await asking.until_next(arrived)
    return replies.page(at, "address_sent", language, manage_url=f"/subscriptions/{code}")


@router.api_route("/subscriptions/{code}/export", methods=["GET", "HEAD"])
@replies.patient
async def export(request: Request) -> Response:
    """All that is kept about them (GDPR art. 15 and 20)."""
    at = premises(request)
    found = await _known(at, request)
    if found is None:
        return replies.bad_link(at, request)
    async with at.store.read() as session:
        kept = await disclosures.all_about(session, found)
    named = {"Content-Disposition": 'attachment; filename="subscription.json"'}
    return JSONResponse(kept, headers={**replies.PRIVATE, **named})


@router.post("/subscriptions/{code}/forget")
@replies.patient
async def forget(request: Request) -> Response:
    """For good, whether they were told or had left."""
    at = premises(request)
    async with at.store.write() as session:
        found = await subscribers.find_by_code(session, _code(request))
        if found is None or found.state not in KNOWN:
            return replies.bad_link(at, request)
        language = replies.language_of(at, found)
        await subscribers.erase(session, found.id, at.clock())
    return replies.page(at, "forgotten", language)


@router.api_route("/unsubscribe/{code}", methods=["GET", "HEAD"])
@replies.patient
async def show_unsubscribe(request: Request) -> Response:
    at, code = premises(request), _code(request)
    async with at.store.read() as session:
        found = await subscribers.find_by_code(session, code)
    if found is None:
        return replies.bad_link(at, request)
    if found.state == "left":
        return _left(at, found)
    language = replies.reader_of(at, request, found.language)
    return replies.page(at, "unsubscribe", language, action=f"/unsubscribe/{code}")


@router.post("/unsubscribe/{code}")
@replies.patient
async def unsubscribe(request: Request) -> Response:
    """At once, whatever the body says: a mail program sends ``List-Unsubscribe=One-Click``."""
    at = premises(request)
    async with at.store.write() as session:
        found = await subscribers.leave(session, _code(request), at.clock())
    return replies.bad_link(at, request) if found is None else _left(at, found)


async def _known(at: Premises, request: Request) -> Subscriber | None:
    async with at.store.read() as session:
        found = await subscribers.find_by_code(session, _code(request))
    return found if found is not None and found.state in KNOWN else None


def _confirmed(at: Premises, found: Subscriber) -> Response:
    if found.channel != "email":
        return hook_replies.confirmed(at, found)
    name = "confirmed" if found.only_incident_id is None else "confirmed_once"
    return replies.page(
        at, name, replies.language_of(at, found), manage_url=f"/subscriptions/{found.code}"
    )


def _left(at: Premises, found: Subscriber) -> Response:
    forget_url = f"/subscriptions/{found.code}/forget"
    return replies.page(at, "unsubscribed", replies.language_of(at, found), forget_url=forget_url)


def _wishes(
    at: Premises, found: Subscriber, note: str | None = None, status: int = 200
) -> Response:
    if found.channel != "email":
        return hook_replies.manage(at, found, note, status)
    return replies.page(
        at,
        "manage",
        replies.language_of(at, found),
        status,
        note=note,
        code=found.code,
        address=found.address,
        new_address=found.new_address,
        offer=offer_of(at.settings.components),
        wishes=subscribers.wishes_of(found),
    )


def _code(request: Request) -> str:
    code: str = request.path_params["code"]
    return code
