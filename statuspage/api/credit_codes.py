"""How do we come by the codes that a postmortem gives?

They are uploaded before it, as many at a time as a body holds; nothing ever shows them but
the letter of the one who gets it, and the list of recipients.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import audit, credit_codes, incidents
from statuspage.api import problems
from statuspage.api.deeds import Door
from statuspage.api.fields import Asked, ThingId
from statuspage.api.incidents import Operator, Reader
from statuspage.dependencies import AtDoor

router = APIRouter(prefix="/incidents/{id}/postmortem/codes", tags=["postmortems"])
Voucher = Annotated[str, StringConstraints(max_length=64, pattern=r"^[!-~]+( [!-~]+)*$")]
"""What can be printed, typed and said by telephone: no control, no two spaces."""


class Upload(Asked):
    codes: Annotated[list[Voucher], Field(min_length=1, max_length=5000)]


class CodesView(BaseModel):
    """``added``: how many of this call were new; ``removed``: how many nobody has now."""

    added: int = 0
    removed: int = 0
    free: int = Field(description="that nobody has")
    bound: int = Field(description="that a customer has, for ever")
    needed: int = Field(description="customers who were told of the incident and have none")


@router.post("", response_model=CodesView, responses=problems.responses(400, 404, 409, 413, 415))
async def add_codes(id: ThingId, upload: Upload, caller: Operator, door: Door) -> Response:
    """More codes, one for each customer. Sent twice, they are there once."""

    async def deed(session: AsyncSession) -> tuple[int, BaseModel]:
        await incidents.get(session, id)
        added = await credit_codes.add(session, id, upload.codes)
        audit.note(session, caller.who, "codes added", id, door.now, added=added)
        return 200, await _view(session, id, added=added)

    return await door.again(caller.token_id, deed)


@router.delete("", response_model=CodesView, responses=problems.responses(404, 409))
async def remove_codes(id: ThingId, caller: Operator, door: Door) -> Response:
    """Take back those that nobody has."""

    async def deed(session: AsyncSession) -> tuple[int, BaseModel]:
        await incidents.get(session, id)
        removed = await credit_codes.remove_free(session, id)
        audit.note(session, caller.who, "codes removed", id, door.now, removed=removed)
        return 200, await _view(session, id, removed=removed)

    return await door.again(caller.token_id, deed)


@router.get("", responses=problems.responses(404))
async def count_codes(
    id: ThingId,
    caller: Reader,  # noqa: ARG001
    premises: AtDoor,
) -> CodesView:
    """How many there are, and how many are needed; not which."""
    async with premises.store.read() as session:
        await incidents.get(session, id)
        return await _view(session, id)


async def _view(session: AsyncSession, id: str, *, added: int = 0, removed: int = 0) -> CodesView:
    counts = await credit_codes.counts(session, id)
    needed = await credit_codes.needed(session, id)
    return CodesView(added=added, removed=removed, needed=needed, **counts)
