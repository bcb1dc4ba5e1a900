"""How is a title removed that must not stand?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import erasures
from statuspage.api import problems
from statuspage.api.deeds import Door
from statuspage.api.fields import ThingId
from statuspage.api.incidents import Operator
from statuspage.api.letters import LettersView
from statuspage.api.reasons import InQuery, Why, reason_of

router = APIRouter(prefix="/incidents/{id}/name", tags=["incidents"])


@router.delete(
    "", response_model=LettersView, responses=problems.responses(400, 404, 409, 413, 415)
)
async def erase_name(
    id: ThingId,
    caller: Operator,
    door: Door,
    body: Annotated[Why | None, Body()] = None,
    reason: InQuery = None,
) -> Response:
    """Remove it from everywhere; what is affected names the incident then."""
    why = reason_of(body, reason)

    async def deed(session: AsyncSession) -> tuple[int, BaseModel]:
        letters = await erasures.erase_name(session, id, why, caller.who, door.now)
        return 200, LettersView(**letters)

    return await door.again(caller.token_id, deed)
