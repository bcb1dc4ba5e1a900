"""What do the personal links in letters open?

Rules: a GET changes nothing, for mail scanners follow every link; a code that nobody has is
always the same page. One click stops the letters at once (RFC 8058: no redirect, no login,
no second question).
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from statuspage.actions import subscribers
from statuspage.dependencies import client_address, premises
from statuspage.premises import Premises
from statuspage.public import asked, replies
from statuspage.tables import Subscriber

router = APIRouter(include_in_schema=False)


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
    language = replies.reader_of(at, request, found.language)
    action = f"/subscriptions/{code}/confirm"
    return replies.page(at, "confirm", language, action=action)


@router.post("/subscriptions/{code}/confirm")
@replies.patient
async def confirm(request: Request) -> Response:
    at = premises(request)
    proof = {"from": client_address(request)}
    async with at.store.write() as session:
        found = await subscribers.confirm(session, _code(request), at.clock(), proof)
    return replies.bad_link(at, request) if found is None else _confirmed(at, found)


@router.api_route("/subscriptions/{code}", methods=["GET", "HEAD"])
@replies.patient
async def show_wishes(request: Request) -> Response:
    at, code = premises(request), _code(request)
    async with at.store.read() as session:
        found = await subscribers.find_by_code(session, code)
    if found is None or found.state != "active":
        return replies.bad_link(at, request)
    return _wishes(at, found)


@router.post("/subscriptions/{code}")
@replies.patient
async def change_wishes(request: Request) -> Response:
    """Other components (none: all) or another language."""
    at, wish = premises(request), await asked.read(request)
    components = wish.chosen_of(at.settings)
    language = replies.reader_of(at, request, wish.language)
    async with at.store.write() as session:
        found = await subscribers.change_wishes(
            session, _code(request), components, language, at.clock()
        )
    return replies.bad_link(at, request) if found is None else _wishes(at, found)


@router.api_route("/unsubscribe/{code}", methods=["GET", "HEAD"])
@replies.patient
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
@replies.patient
async def unsubscribe(request: Request) -> Response:
    """At once, whatever the body says: a mail program sends ``List-Unsubscribe=One-Click``."""
    at = premises(request)
    async with at.store.write() as session:
        found = await subscribers.leave(session, _code(request), at.clock())
    if found is None:
        return replies.bad_link(at, request)
    return replies.page(at, "unsubscribed", replies.reader_of(at, request, found.language))


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


def _code(request: Request) -> str:
    code: str = request.path_params["code"]
    return code
