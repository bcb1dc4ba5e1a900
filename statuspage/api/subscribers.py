"""How do operators look up, add and remove those who are written to?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AfterValidator, BaseModel, Field, StrictBool, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications import strangers
from statuspage.actions import audit, hook_requests, mailboxes, subscribers
from statuspage.actions.hook_requests import Wish
from statuspage.api import hook_fields, problems
from statuspage.api.bearer import Caller, allow
from statuspage.api.deeds import Door
from statuspage.api.fields import Asked, Code, Line, Most, Offset, ThingId, line
from statuspage.api.lists import Listed, count, listed
from statuspage.api.seeking import Sought, State
from statuspage.dependencies import AtDoor
from statuspage.errors import Conflict, Fault, Forbidden, Invalid, Unknown
from statuspage.rules import subscriptions, tokens
from statuspage.rules.offer import offer_of
from statuspage.rules.subscriptions import Wishes
from statuspage.settings import Settings
from statuspage.tables import Subscriber
from statuspage.vocabulary import Impact, Scope

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
    """No ``components`` and no ``groups``: all. ``state`` left: they stopped the letters
    themselves, or an operator removed them; only they can begin again. Resting: it takes
    nothing, and is called no more.
    """

    id: str
    channel: str
    address: str
    language: str
    components: list[str]
    groups: list[str]
    least_impact: Impact
    ends_only: bool
    state: State
    created_at: datetime
    confirmed_at: datetime | None
    left_at: datetime | None
    basis: str | None
    source: str | None
    owner: str | None = Field(default=None, description="who looks after a hook: a mailbox")
    kept: bool | None = Field(
        default=None,
        description="in the answer to an adding: they chose for themselves, and that stays",
    )
    signing_secret: str | None = Field(
        default=None,
        description="of a webhook, in the answer to its adding, or to another owner's, alone",
    )


class Adding(Asked):
    channel: Kind = "email"
    address: Annotated[Address, Field(description="a mailbox, or a hook's https address")]
    owner: Address | None = Field(
        default=None, description="of a hook: the mailbox that is told when it takes nothing"
    )
    components: Annotated[list[Code], Field(max_length=1000)] = Field(default_factory=list)
    groups: Annotated[list[Line], Field(max_length=1000)] = Field(default_factory=list)
    least_impact: Impact = Field(default=Impact.NONE, description="of incidents, at least so bad")
    ends_only: StrictBool = Field(
        default=False, description="of an incident the first and the last word alone"
    )
    language: Code | None = Field(default=None, description="default: the site's first")
    basis: Literal["consent", "contract"] = "contract"
    source: Line | None = Field(default=None, description="where the address comes from")


@router.get("")
async def list_subscribers(
    caller: Support,
    premises: AtDoor,
    request: Request,
    sought: Sought,
    address: Annotated[Annotated[Address, AfterValidator(line)] | None, Query()] = None,
    limit: Most = 50,
    offset: Offset = 0,
) -> Listed[SubscriberView]:
    """All, or whoever has an address; scope ``support`` may only look up an address."""
    if address is None and not tokens.allows(caller.scopes, Scope.SUBSCRIBERS):
        raise Forbidden("The scope support may look up one address, not all of them.")
    rows = sa.select(Subscriber).where(*sought.conditions())
    if address is not None:
        rows = rows.where(_has(address))
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
    """Add somebody who need not confirm: active at once. Who has left is not brought back, and
    who chose for themselves keeps what they chose (``kept``).
    """
    settings = door.premises.settings
    language, offer = _language(settings, adding), offer_of(settings)
    chosen = _chosen(adding.components, offer.components, "components")
    groups = _chosen(adding.groups, offer.groups, "groups")
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
        if added.outcome in ("added", "updated"):
            row.groups, row.least_impact = groups, adding.least_impact.value
            row.ends_only = adding.ends_only
        if added.outcome != "silent":
            audit.note(session, caller.who, f"subscriber {added.outcome}", row.id, door.now)
        told = {"kept": added.outcome == "kept" or None, "signing_secret": added.secret}
        return 201 if added.outcome == "added" else 200, _view(row).model_copy(update=told)

    return await door.once(caller.token_id, deed)


@router.get("/{id}", responses=problems.responses(404))
async def read_subscriber(
    id: ThingId,
    caller: Support,  # noqa: ARG001
    premises: AtDoor,
) -> SubscriberView:
    async with premises.store.read() as session:
        return _view(await found(session, id))


@router.delete(
    "/{id}", status_code=204, response_class=Response, responses=problems.responses(404, 409)
)
async def remove_subscriber(
    id: ThingId,
    caller: Keeper,
    door: Door,
    erase: Annotated[
        bool, Query(description="forget them: no row keeps what they could be found by")
    ] = False,
) -> Response:
    """No more letters to them, from this moment."""

    async def deed(session: AsyncSession) -> tuple[int, None]:
        row = await found(session, id)
        if erase:
            await subscribers.erase(session, id, door.now)
        else:
            await subscribers.leave(session, row.code or "", door.now)
        did = "subscriber erased" if erase else "subscriber removed"
        audit.note(session, caller.who, did, id, door.now)
        return 204, None

    return await door.again(caller.token_id, deed)


async def found(session: AsyncSession, id: str) -> Subscriber:
    """Raises ``Unknown``."""
    row = await session.get(Subscriber, id)
    if row is None or row.state in ("erased", "canary"):
        raise Unknown("There is no such subscriber.")
    return row


def _has(address: str) -> sa.ColumnElement[bool]:
    kept = col(Subscriber.address)
    if "://" in address:
        return kept == address.strip()
    wanted = hook_fields.mailbox(address, "query", "address")
    owner = sa.func.lower(col(Subscriber.owner))
    return sa.or_(mailboxes.is_at("email", wanted), owner == wanted.lower())


def _language(settings: Settings, adding: Adding) -> str:
    language = adding.language or settings.site.default_language
    if language not in settings.site.languages:
        known = ", ".join(settings.site.languages)
        fault = Fault(("body", "language"), f"Not a language of this site: {known}.")
        raise Invalid("The language is not one of this site.", faults=[fault])
    return language


def _chosen(wished: Iterable[str], offered: Collection[str], field: str) -> list[str]:
    chosen = subscriptions.chosen_from(wished, offered)
    if chosen is None:
        fault = Fault(("body", field), f"Public {field} are: {', '.join(offered)}.")
        raise Invalid(f"There are {field} that customers cannot choose.", faults=[fault])
    return chosen


def _view(row: Subscriber) -> SubscriberView:
    return SubscriberView.model_validate(row, from_attributes=True)
