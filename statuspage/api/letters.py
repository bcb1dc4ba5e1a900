"""How are the letters of an incident halted, and let go?"""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import letters
from statuspage.api import problems
from statuspage.api.deeds import Door
from statuspage.api.fields import ThingId
from statuspage.api.incidents import Operator
from statuspage.api.told import IncidentView, tell

router = APIRouter(
    prefix="/incidents/{id}/letters",
    tags=["letters"],
    responses=problems.responses(404, 409, 415),
)


class LettersView(BaseModel):
    """How many letters had left, and how many were stopped."""

    sent: int
    withdrawn: int
    under_way: int = Field(
        default=0,
        description="of the withdrawn: with a worker at that moment, so that up to so many may "
        "leave still",
    )


@router.post("/stop", response_model=LettersView)
async def stop_letters(id: ThingId, caller: Operator, door: Door) -> Response:
    """Halt what is on its way, and send no more by yourself."""

    async def deed(session: AsyncSession) -> tuple[int, BaseModel]:
        counts = await letters.stop_letters(session, id, caller.who, door.now)
        return 200, LettersView(**counts)

    return await door.again(caller.token_id, deed)


@router.post("/release", response_model=IncidentView)
async def release_letters(id: ThingId, caller: Operator, door: Door) -> Response:
    """Let go what was held, and write again."""

    async def deed(session: AsyncSession) -> tuple[int, BaseModel]:
        settings = door.premises.settings
        row = await letters.release_letters(session, settings, id, caller.who, door.now)
        return 200, (await tell(session, settings, [row], door.now))[0]

    return await door.again(caller.token_id, deed)
