"""How do visitors have a program or a chat told, and look after it?

The address of a hook is asked for with a mailbox, and confirmed there. Rules: as for mailboxes
(``asking``); the links in its owner's letters let one try it, start it again, and have another
secret; what a try came to is told by its status alone. No transaction is open while a hook is
called.
"""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from notifications import channels
from notifications.channel import Accepted, Outcome, Wiring
from notifications.strangers import NotPublic
from statuspage.actions import hook_requests, hooks, subscribers
from statuspage.actions import limits as counted
from statuspage.actions.hook_requests import Wish
from statuspage.dependencies import AtDoor, premises
from statuspage.errors import Fault, Invalid, Unknown
from statuspage.pages.offer import offer_of
from statuspage.pages.trial import trial
from statuspage.premises import Premises
from statuspage.public import asked, asking, hook_replies, replies
from statuspage.public.asked import Asked
from statuspage.rules import composing, limits
from statuspage.rules.limits import Denied
from statuspage.tables import Subscriber

router = APIRouter(include_in_schema=False)


@router.api_route("/subscribe/hook", methods=["GET", "HEAD"])
async def show_form(request: Request, at: AtDoor) -> Response:
    """The form is a page, but for the first moment of a new house."""
    return RedirectResponse(f"/{replies.reader_of(at, request)}/", 303, replies.PRIVATE)


@router.post("/subscribe/hook")
@replies.patient
async def subscribe(request: Request) -> Response:
    at, arrived = premises(request), asking.arrived()
    sent = await asked.read(request)
    language = replies.reader_of(at, request, sent.language)
    if not at.settings.mail.server:  # nobody could be asked
        if sent.is_json:
            raise Unknown("This site writes no letters: no mail relay is configured.")
        return replies.page(at, "no_letters", language, 404)
    try:
        wish = _read(at, sent, language)
    except Invalid:
        if sent.is_json:
            raise
        return _once_more(at, sent, language)

    async def ask(session: AsyncSession, now: datetime, proof: dict[str, str]) -> None:
        await hook_requests.ask(session, at.settings, wish, now, proof)

    denied = await asking.once(request, wish.owner or "", language, ask)
    if denied is not None:
        return asking.too_many(at, sent, language, denied)
    await asking.until_next(arrived)
    if sent.is_json:
        return JSONResponse({"status": "asked"}, 202, replies.PRIVATE)
    return replies.page(at, "subscribe_sent", language)


@router.post("/subscriptions/{code}/test")
@replies.patient
async def try_it(request: Request) -> Response:
    """Call it now, whether it rests or not; what comes of it changes nothing."""
    at = premises(request)
    hook = await _known(at, request)
    if hook is None:
        return replies.bad_link(at, request)
    denied = await _count(at, hook)
    if denied is not None:
        seconds = int(denied.retry_after.total_seconds())
        again = {"Retry-After": str(seconds)}
        return replies.page(at, "too_many", replies.language_of(at, hook), 429, again)
    outcome = await _call(at, hook)
    if isinstance(outcome, Accepted):
        return hook_replies.manage(at, hook, "taken")
    return hook_replies.manage(at, hook, "not_taken", answered=outcome.code)


@router.post("/subscriptions/{code}/start")
@replies.patient
async def start_again(request: Request) -> Response:
    at = premises(request)
    async with at.store.write() as session:
        hook = await hooks.start_again(session, request.path_params["code"])
    if hook is None or hook.state != "active" or hook.channel == "email":
        return replies.bad_link(at, request)
    return hook_replies.manage(at, hook, "started")


@router.post("/subscriptions/{code}/secret")
@replies.patient
async def change_secret(request: Request) -> Response:
    at = premises(request)
    async with at.store.write() as session:
        hook = await hook_requests.change_secret(session, request.path_params["code"])
    if hook is None:
        return replies.bad_link(at, request)
    return hook_replies.manage(at, hook, "secret_changed", secret=hook.secret)


def _read(at: Premises, sent: Asked, language: str) -> Wish:
    """Raises ``Invalid``, which repeats no address."""
    kind = channels.hooks().get(sent.channel)
    if kind is None:
        there_are = f"one of: {', '.join(channels.hooks())}"
        raise Invalid("There is no such channel.", faults=[Fault(("body", "channel"), there_are)])
    try:
        url = kind.checked(sent.address)
    except NotPublic as wrong:
        fault = Fault(("body", "address"), str(wrong))
        raise Invalid("The address is not one that we can call.", faults=[fault]) from None
    if sent.only_incident:
        fault = Fault(("body", "only_incident"), "only letters are sent for one time")
        raise Invalid("A hook is told each time.", faults=[fault])
    owner = asking.mailbox(sent.owner, "owner")
    return Wish(sent.channel, url, owner, language, sent.wishes(at.settings))


def _once_more(at: Premises, sent: Asked, language: str) -> Response:
    return replies.page(
        at,
        "bad_hook",
        language,
        422,
        channel=sent.channel,
        address=sent.address[:2000],
        owner=sent.owner[:254],
        offer=offer_of(at.settings.components),
    )


async def _known(at: Premises, request: Request) -> Subscriber | None:
    async with at.store.read() as session:
        hook = await subscribers.find_by_code(session, request.path_params["code"])
    is_told = hook is not None and hook.state in subscribers.TOLD and hook.channel != "email"
    return hook if is_told else None


async def _count(at: Premises, hook: Subscriber) -> Denied | None:
    bucket = limits.bucket_of(limits.HOOK_TESTS, hook.id)
    async with at.store.write() as session:
        verdict = await counted.take(session, {bucket: limits.HOOK_TESTS}, at.clock())
    return verdict if isinstance(verdict, Denied) else None


async def _call(at: Premises, hook: Subscriber) -> Outcome:
    site, language = composing.site(at.settings), replies.language_of(at, hook)
    parcel = trial(hook.address or "", hook.code or "", hook.secret, site, language, at.clock())
    async with channels.hooks()[hook.channel].wired(Wiring(reach=at.reach)) as channel:
        return await channel.send(parcel)
