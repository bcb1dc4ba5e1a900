"""How is one more word said of an incident, and taken back?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import undo, updates
from statuspage.actions.standings import standings
from statuspage.api import problems
from statuspage.api.deeds import JSON, Door
from statuspage.api.fields import Asked, Filled, Number, ThingId
from statuspage.api.incidents import DryRun, Operator
from statuspage.api.letters import LettersView
from statuspage.api.rehearsal import RehearsalView, rehearse
from statuspage.api.review import reviewed, views
from statuspage.api.told import SpokenView, tell
from statuspage.api.words import Further
from statuspage.errors import Fault, Invalid
from statuspage.tables import Incident, Update

router = APIRouter(prefix="/incidents/{id}/updates", tags=["incidents"])


class Reason(Asked):
    reason: Filled


@router.post(
    "",
    status_code=201,
    response_model=SpokenView,
    responses={
        200: {"description": "What a dry run found", "model": RehearsalView},
        **problems.responses(400, 404, 409, 413, 415),
    },
)
async def add_update(
    id: ThingId, said: Further, caller: Operator, door: Door, dry_run: DryRun = False
) -> Response:
    """Say one more word; its letters leave when the time to take it back has passed."""
    premises = door.premises
    read = await reviewed(premises, said.word(door.now), id, override=said.override)

    async def say(session: AsyncSession) -> tuple[Incident, Update]:
        stand = await standings(session, premises.settings)
        return await updates.add_update(
            session, premises.settings, id, read.word, stand, caller.who, door.now
        )

    async def rehearsed(session: AsyncSession) -> tuple[Update, bool]:
        return (await say(session))[1], False

    async def deed(session: AsyncSession) -> tuple[int, BaseModel]:
        incident, _ = await say(session)
        read.must_pass()  # in here and last: a repeat gets its first answer, an end its conflict
        (view,) = await tell(session, premises.settings, [incident], door.now)
        return 201, SpokenView(**view.model_dump(), findings=views(read.findings))

    if dry_run:
        told = await rehearse(premises, rehearsed, read)
        return Response(told.model_dump_json(), media_type=JSON)
    return await door.once(caller.token_id, deed)


@router.delete(
    "/{n}", response_model=LettersView, responses=problems.responses(400, 404, 409, 413, 415)
)
async def withdraw_update(
    id: ThingId,
    n: Number,
    caller: Operator,
    door: Door,
    body: Annotated[Reason | None, Body()] = None,
    reason: Annotated[Filled | None, Query()] = None,
) -> Response:
    """Take a word back: letters that have not left never will. Why stands in the audit."""
    why = body.reason if body is not None else reason
    if why is None:
        fault = Fault(("body", "reason"), "Say why; it stands in the audit.")
        raise Invalid("A reason is missing.", faults=[fault])

    async def deed(session: AsyncSession) -> tuple[int, BaseModel]:
        settings = door.premises.settings
        letters = await undo.withdraw_update(session, settings, id, n, why, caller.who, door.now)
        return 200, LettersView(**letters)

    return await door.again(caller.token_id, deed)
