"""How do operators look up, add and remove those who are written to?"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AfterValidator, BaseModel, Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications import strangers
from statuspage.actions import audit, hook_requests, subscribers
from statuspage.actions.hook_requests import Wish
from statuspage.api import hook_fields, problems
from statuspage.api.bearer import Caller, allow
from statuspage.api.deeds import Door
from statuspage.api.fields import Asked, Code, Line, Most, Offset, ThingId
from statuspage.api.lists import Listed, count, listed
from statuspage.dependencies import AtDoor
from statuspage.errors import Conflict, Fault, Forbidden, Invalid, Unknown
from statuspage.rules import subscriptions, tokens
from statuspage.rules.subscriptions import Wishes
from statuspage.settings import Settings
from statuspage.tables import Announcement, Delivery, Subscriber
from statuspage.vocabulary import Scope

router = APIRouter(prefix="/subscribers", tags=["subscribers"])
Support = Annotated[Caller, Depends(allow(Scope.SUBSCRIBERS, Scope.SUPPORT))]
Keeper = Annotated[Caller, Depends(allow(Scope.SUBSCRIBERS))]
Address = Annotated[str, StringConstraints(max_length=strangers.LONGEST)]


Kind = Annotated[
    str,
    AfterValidator(hook_fields.known_channel),
    Field(json_schema_extra={"enum": hook_fields.CHANNELS}),
]


class SubscriberView(BaseModel):
    """``components`` empty: all. ``state`` left: they stopped the letters themselves, or an
    operator removed them; only they can begin again. Resting: it takes nothing, and is called no
    more.
    """

    id: str
    channel: str
    address: str
    language: str
    components: list[str]
    state: Literal["pending", "active", "resting", "left", "erased"]
    created_at: datetime
    confirmed_at: datetime | None
    left_at: datetime | None
    basis: str | None
    source: str | None
    owner: str | None = Field(default=None, description="who looks after a hook: a mailbox")
    signing_secret: str | None = Field(
        default=None, description="of a webhook, in the answer to its adding alone"
    )


class LetterToView(BaseModel):
    """One letter to one subscriber."""

    incident_id: str | None
    occasion: str
    state: Literal["queued", "accepted", "failed", "withdrawn", "merged"]
    created_at: datetime
    due_at: datetime
    attempts: int
    accepted_at: datetime | None
    ended_at: datetime | None
    reason: str | None


class Adding(Asked):
    channel: Kind = "email"
    address: Annotated[Address, Field(description="a mailbox, or a hook's https address")]
    owner: Address | None = Field(
        default=None, description="of a hook: the mailbox that is told when it takes nothing"
    )
    components: Annotated[list[Code], Field(max_length=1000)] = Field(default_factory=list)
    language: Code | None = Field(default=None, description="default: the site's first")
    basis: Literal["consent", "contract"] = "contract"
    source: Line | None = Field(default=None, description="where the address comes from")


@router.get("")
async def list_subscribers(
    caller: Support,
    premises: AtDoor,
    request: Request,
    address: Annotated[Address | None, Query()] = None,
    limit: Most = 50,
    offset: Offset = 0,
) -> Listed[SubscriberView]:
    """All, or whoever has an address; scope ``support`` may only look up an address."""
    rows = sa.select(Subscriber).where(col(Subscriber.state) != "erased")
    if address is not None:
        rows = rows.where(_has(address))
    elif not tokens.allows(caller.scopes, Scope.SUBSCRIBERS):
        raise Forbidden("The scope support may look up one address, not all of them.")
    ordered = rows.order_by(col(Subscriber.created_at), col(Subscriber.id))
    async with premises.store.read() as session:
        total = await count(session, rows)
        found = (await session.scalars(ordered.limit(limit).offset(offset))).all()
    return listed([_view(row) for row in found], total, request, offset, limit)


@router.post(
    "",
    status_code=201,
    response_model=SubscriberView,
    responses={
        200: {"description": "Was there already", "model": SubscriberView},
        **problems.responses(400, 409, 413, 415),
    },
)
async def add_subscriber(adding: Adding, caller: Keeper, door: Door) -> Response:
    """Add somebody who need not confirm: active at once. Who has left is not brought back."""
    settings = door.premises.settings
    language, chosen = _language(settings, adding), _chosen(settings, adding)
    address, owner = hook_fields.checked(adding.channel, adding.address, adding.owner)

    async def deed(session: AsyncSession) -> tuple[int, BaseModel]:
        basis, source, now = adding.basis, adding.source, door.now
        if adding.channel == "email":
            added = await subscribers.add(
                session, address, language, chosen, now, basis=basis, source=source
            )
        else:
            wishes = Wishes(components=tuple(chosen))
            wish = Wish(adding.channel, address, owner, language, wishes)
            added = await hook_requests.add(session, wish, now, basis=basis, source=source)
        row = added.subscriber
        if row is None:
            raise Conflict("Whoever has this address was erased: only they can begin again.")
        if added.outcome != "silent":
            audit.note(session, caller.who, f"subscriber {added.outcome}", row.id, door.now)
        if added.outcome != "added":
            return 200, _view(row)
        return 201, _view(row).model_copy(update={"signing_secret": row.secret})

    return await door.once(caller.token_id, deed)


@router.delete(
    "/{id}", status_code=204, response_class=Response, responses=problems.responses(404, 409)
)
async def remove_subscriber(id: ThingId, caller: Keeper, door: Door) -> Response:
    """No more letters to them, from this moment."""

    async def deed(session: AsyncSession) -> tuple[int, None]:
        row = await _get(session, id)
        await subscribers.leave(session, row.code or "", door.now)
        audit.note(session, caller.who, "subscriber removed", id, door.now)
        return 204, None

    return await door.again(caller.token_id, deed)


@router.get("/{id}/deliveries", responses=problems.responses(404))
async def list_letters_to(
    id: ThingId,
    caller: Support,  # noqa: ARG001
    premises: AtDoor,
    request: Request,
    limit: Most = 50,
    offset: Offset = 0,
) -> Listed[LetterToView]:
    """What they were sent, the newest first: did they get our letter?"""
    rows = (
        sa.select(Delivery, col(Announcement.occasion))
        .join(Announcement, col(Announcement.id) == col(Delivery.announcement_id))
        .where(col(Delivery.subscriber_id) == id)
    )
    newest = rows.order_by(sa.desc(col(Delivery.id))).limit(limit).offset(offset)
    async with premises.store.read() as session:
        await _get(session, id)
        total = await count(session, sa.select(Delivery).where(col(Delivery.subscriber_id) == id))
        found = (await session.execute(newest)).all()
    views = [_letter(row, occasion) for row, occasion in found]
    return listed(views, total, request, offset, limit)


async def _get(session: AsyncSession, id: str) -> Subscriber:
    row = await session.get(Subscriber, id)
    if row is None:
        raise Unknown("There is no such subscriber.")
    return row


def _has(address: str) -> sa.ColumnElement[bool]:
    kept = col(Subscriber.address)
    if "://" in address:
        return kept == address.strip()
    wanted = hook_fields.mailbox(address, "query", "address").lower()
    return sa.or_(sa.func.lower(kept) == wanted, sa.func.lower(col(Subscriber.owner)) == wanted)


def _language(settings: Settings, adding: Adding) -> str:
    language = adding.language or settings.site.default_language
    if language not in settings.site.languages:
        known = ", ".join(settings.site.languages)
        fault = Fault(("body", "language"), f"Not a language of this site: {known}.")
        raise Invalid("The language is not one of this site.", faults=[fault])
    return language


def _chosen(settings: Settings, adding: Adding) -> list[str]:
    offered = [component.id for component in settings.components if component.public]
    chosen = subscriptions.chosen_from(adding.components, offered)
    if chosen is None:
        fault = Fault(("body", "components"), f"Public components are: {', '.join(offered)}.")
        raise Invalid("A component is not one that customers can choose.", faults=[fault])
    return chosen


def _view(row: Subscriber) -> SubscriberView:
    return SubscriberView.model_validate(row, from_attributes=True)


def _letter(row: Delivery, occasion: str) -> LetterToView:
    return LetterToView(
        **row.model_dump(include=set(LetterToView.model_fields) - {"occasion"}), occasion=occasion
    )
