"""How is a word translated that was said already?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import translations
from statuspage.api import problems
from statuspage.api.deeds import Door
from statuspage.api.fields import Number, ThingId
from statuspage.api.incidents import Operator
from statuspage.api.told import IncidentView, tell
from statuspage.api.words import Parts

router = APIRouter(prefix="/incidents/{id}/updates/{n}/translations", tags=["incidents"])
LanguageCode = Annotated[str, Path(max_length=16, pattern=r"^[A-Za-z-]+$")]


@router.put(
    "/{language}",
    response_model=IncidentView,
    responses=problems.responses(400, 404, 409, 413, 415),
)
async def translate_update(
    id: ThingId, n: Number, language: LanguageCode, said: Parts, caller: Operator, door: Door
) -> Response:
    """The page has it at once, letters that have not left take it; nobody is written to again."""
    settings = door.premises.settings

    async def deed(session: AsyncSession) -> tuple[int, BaseModel]:
        row = await translations.translate(
            session, settings, id, n, language, said.model_dump(), caller.who, door.now
        )
        return 200, (await tell(session, settings, [row], door.now))[0]

    return await door.again(caller.token_id, deed)
