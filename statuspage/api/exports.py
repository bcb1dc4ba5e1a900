"""How do operators take customers' data out again, all of it, or one person's?

The list is CSV with the columns that an import takes. One person's is JSON, and everything that
is kept about them (GDPR art. 15 and 20): whom they have a right to hand it to is theirs. The
codes of their links are left out: whoever has those can change their wishes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import disclosures, letters_to
from statuspage.api import letters_to as shown
from statuspage.api import problems, sheets
from statuspage.api.deeds import JSON
from statuspage.api.fields import ThingId
from statuspage.api.seeking import Seeking, Sought
from statuspage.api.sheets import Csv
from statuspage.api.subscribers import Keeper, found
from statuspage.dependencies import AtDoor
from statuspage.premises import Premises
from statuspage.rules.columns import COLUMNS
from statuspage.tables import Subscriber

router = APIRouter(prefix="/subscribers", tags=["subscribers"])
LETTERS = 50


class PersonView(BaseModel):
    """``subscriber``: their row, without codes; ``told_of``: incidents whose letters are not kept
    any more; ``deliveries``: the letters that are, with their text; ``credits``: codes that they
    were given; ``history``: what was done with their entry.
    """

    subscriber: dict[str, Any]
    history: list[dict[str, Any]]
    told_of: list[str]
    credits: list[dict[str, Any]]
    deliveries: list[shown.WholeLetterView]


@router.get("/export", response_class=Csv, responses=sheets.RESPONSES)
async def export_subscribers(
    caller: Keeper,  # noqa: ARG001
    premises: AtDoor,
    sought: Sought,
) -> Csv:
    """Those who are told by mail, or are in another state, as CSV with the columns that an import
    takes.
    """
    wanted = sought if sought.state is not None else replace(sought, state="active")
    return sheets.sheet("subscribers", premises.store, COLUMNS, partial(_page, wanted))


async def _page(wanted: Seeking, session: AsyncSession, after: str) -> list[Sequence[str]]:
    found = await session.execute(
        sa.select(col(Subscriber.id), *(col(getattr(Subscriber, name)) for name in COLUMNS))
        .where(col(Subscriber.id) > after, col(Subscriber.channel) == "email")
        .where(*wanted.conditions())
        .order_by(col(Subscriber.id))
        .limit(sheets.PAGE)
    )
    return [[_cell(value) for value in row] for row in found]


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "|".join(value) if isinstance(value, list) else str(value or "")


@router.get("/{id}/export", response_model=PersonView, responses=problems.responses(404))
async def export_subscriber(
    id: ThingId,
    caller: Keeper,  # noqa: ARG001
    premises: AtDoor,
) -> Response:
    """Everything that is kept about one person, letters included."""
    async with premises.store.read() as session:
        row = await found(session, id)
        known = await disclosures.kept_of(session, row)
    name = f'attachment; filename="subscriber-{id}.json"'
    return StreamingResponse(
        _written(premises, row, known), media_type=JSON, headers={"Content-Disposition": name}
    )


async def _written(
    premises: Premises, row: Subscriber, known: dict[str, Any]
) -> AsyncIterator[str]:
    """The letters a few at a time: somebody may have got a thousand."""
    yield json.dumps(known, ensure_ascii=False, indent=1).removesuffix("\n}")
    yield ',\n "deliveries": ['
    offset, before = 0, "\n"
    while True:
        letters = await _letters(premises, row, offset)
        for letter in letters:
            yield f"{before}{letter.model_dump_json()}"
            before = ",\n"
        if len(letters) < LETTERS:
            break
        offset += LETTERS
    yield "]\n}\n"


async def _letters(premises: Premises, row: Subscriber, offset: int) -> list[shown.WholeLetterView]:
    """Composed beside the loop: each takes a few milliseconds."""
    async with premises.store.read() as session:
        some = await letters_to.page(session, row.id, LETTERS, offset)
        wholes = [(one, await letters_to.whole(session, one)) for one in some]
    settings, language = premises.settings, row.language
    return await asyncio.to_thread(
        lambda: [shown.whole_view(settings, one, whole, language) for one, whole in wholes]
    )
