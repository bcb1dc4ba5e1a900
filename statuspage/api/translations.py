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
from statuspage.api.review import reviewed_translation, views
from statuspage.api.told import SpokenView, tell
from statuspage.api.words import Translating
from statuspage.rules.words import PARTS

router = APIRouter(prefix="/incidents/{id}/updates/{n}/translations", tags=["incidents"])
LanguageCode = Annotated[str, Path(max_length=16, pattern=r"^[A-Za-z-]+$")]


@router.put(
    "/{language}",
    response_model=SpokenView,
    responses=problems.responses(400, 404, 409, 413, 415),
)
async def translate_update(
    id: ThingId, n: Number, language: LanguageCode, said: Translating, caller: Operator, door: Door
) -> Response:
    """The page has it at once, letters that have not left take it; nobody is written to again."""
    settings = door.premises.settings
    parts = {name: getattr(said, name) or None for name in PARTS}
    read = await reviewed_translation(door.premises, id, n, language, parts, override=said.override)

    async def deed(session: AsyncSession) -> tuple[int, BaseModel]:
        row = await translations.translate(
            session,
            settings,
            id,
            n,
            language,
            parts,
            caller.who,
            door.now,
            overridden=read.word.overridden,
        )
        read.must_pass()  # last: what is not there, or does not fit, says so first
        (view,) = await tell(session, settings, [row], door.now)
        return 200, SpokenView(**view.model_dump(), findings=views(read.findings))

    return await door.again(caller.token_id, deed)
