"""How is one more word said of an incident, and taken back?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel, Field, StrictBool
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import erasures, undo, updates
from statuspage.actions.standings import standings
from statuspage.api import problems
from statuspage.api.deeds import JSON, Door
from statuspage.api.fields import Number, ThingId
from statuspage.api.incidents import DryRun, Operator
from statuspage.api.letters import LettersView
from statuspage.api.reasons import InQuery, Why, reason_of
from statuspage.api.rehearsal import RehearsalView, rehearse
from statuspage.api.review import reviewed, views
from statuspage.api.told import SpokenView, tell
from statuspage.api.words import Further
from statuspage.tables import Incident, Update

router = APIRouter(prefix="/incidents/{id}/updates", tags=["incidents"])


class TakingBack(Why):
    erase: StrictBool = Field(default=False, description="remove what it said for good")


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
    body: Annotated[TakingBack | None, Body()] = None,
    reason: InQuery = None,
    erase: Annotated[bool, Query(description="remove what it said for good")] = False,
) -> Response:
    """Take a word back: letters that have not left never will. Or, with ``erase``, remove what
    must not stand from everywhere, and leave what it changed. Why stands in the audit.
    """
    why = reason_of(body, reason)
    settings, who, now = door.premises.settings, caller.who, door.now

    async def deed(session: AsyncSession) -> tuple[int, BaseModel]:
        if erase or (body is not None and body.erase):
            letters = await erasures.erase_update(session, id, n, why, who, now)
        else:
            letters = await undo.withdraw_update(session, settings, id, n, why, who, now)
        return 200, LettersView(**letters)

    return await door.again(caller.token_id, deed)
