"""How does a whole list of customers come in?

As CSV, streamed. Good lines are stored whatever the others are like, and each bad one is named.
What came before a connection was cut is kept; the same file again does no harm.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect

from statuspage.actions import answers
from statuspage.actions.imports import Manner
from statuspage.api import problems
from statuspage.api.bearer import Caller
from statuspage.api.deeds import JSON, IdempotencyKey
from statuspage.api.fields import Line
from statuspage.api.intake import Intake
from statuspage.api.subscribers import Keeper
from statuspage.database import STORE_AWAY, Store
from statuspage.dependencies import AtDoor, Now
from statuspage.errors import Conflict, Fault, Invalid, Problem, Unavailable
from statuspage.rules.columns import COLUMNS
from statuspage.rules.imports import CHARSETS, Reader, Unreadable
from statuspage.rules.offer import offer_of

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/subscribers", tags=["subscribers"])

MOST_BYTES = 64 * 1024 * 1024
MEDIA_TYPE = "text/csv"
_BODY = {
    "description": f"A header line, then a line for each customer. Columns: {', '.join(COLUMNS)}.",
    "required": True,
    "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
}


class TooLarge(Problem):
    status, title = 413, "Content Too Large"


class Cut(Problem):
    """Nobody hears it: the connection is gone."""

    status, title = 400, "The connection was cut"


class NoCsv(Problem):
    status, title = 415, "This is not CSV"


class BadView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    line: int
    msg: str


class ImportedView(BaseModel):
    """What came of the lines, each counted once; the header is line 1."""

    model_config = ConfigDict(from_attributes=True)

    added: int = Field(description="told from now on; with confirm: asked by letter")
    updated: int = Field(description="were there already")
    kept: int = Field(description="chose for themselves, and keep what they chose")
    silent: list[int] = Field(
        description="lines of those who left, were erased, or whose mailbox takes nothing:"
        " nobody writes to them; the first thousand"
    )
    silent_total: int
    rejected: list[BadView] = Field(description="the first thousand")
    rejected_total: int


@router.post(
    "/import",
    response_model=ImportedView,
    responses=problems.responses(400, 409, 413, 415),
    openapi_extra={"requestBody": _BODY},
)
async def import_subscribers(
    request: Request,
    caller: Keeper,
    premises: AtDoor,
    now: Now,
    confirm: Annotated[
        bool, Query(description="ask each of them by letter first, at most once an hour")
    ] = False,
    dry_run: Annotated[bool, Query(description="only count")] = False,
    basis: Annotated[
        Literal["consent", "contract"] | None, Query(description="where a line names none")
    ] = None,
    source: Annotated[Line | None, Query(description="where a line names none")] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Take in a file of customers, up to 64 MiB; they are told of outages from then on. Who
    left is not brought back.
    """
    reader = Reader(offer_of(premises.settings), _charset(request))
    if confirm and not premises.settings.mail.server.get_secret_value():
        raise Conflict("This site writes no letters: no mail relay is configured.")
    manner = Manner(premises.settings, basis, source or None, confirm)
    intake = Intake(premises.store, reader, manner, caller.who, now, rehearsing=dry_run)
    once = _Once(premises.store, _key(request, caller, idempotency_key), now)
    if (first := await once.first()) is not None:
        await _pass_over(_pieces(request))
        return first
    await _take_in(intake, request)
    premises.nudges.nudge("deliver")
    told = ImportedView.model_validate(intake.told).model_dump_json()
    await once.remember(told)
    return Response(told, media_type=JSON)


def _key(request: Request, caller: Caller, idempotency_key: str | None) -> str | None:
    """The key alone says what is a repeat: the body has gone by when it is known."""
    if idempotency_key is None:
        return None
    path = f"POST {request.url.path}?{request.url.query}"
    return answers.key_of(caller.token_id, path, idempotency_key, b"")


@dataclass(frozen=True, slots=True)
class _Once:
    """The answer that the first request with this key got, if it came to its end."""

    store: Store
    key: str | None
    now: datetime

    async def first(self) -> Response | None:
        if self.key is None:
            return None
        async with self.store.write() as session:
            found = await answers.first_of(session, self.key, b"", self.now, keyed=True)
        if found is None or not found.status:
            return None
        return Response(found.body, found.status, {"Idempotent-Replayed": "true"}, JSON)

    async def remember(self, told: str) -> None:
        if self.key is not None:
            async with self.store.write() as session:
                await answers.remember(session, self.key, 200, told)


def _charset(request: Request) -> str:
    """Raises ``NoCsv``."""
    said = Message()
    said["Content-Type"] = request.headers.get("content-type", "")
    if said.get_content_type() != MEDIA_TYPE or "content-type" not in request.headers:
        raise NoCsv(f"Send the body as Content-Type: {MEDIA_TYPE}.")
    charset = str(said.get_param("charset", "utf-8")).lower()
    if charset not in CHARSETS:
        raise NoCsv(f"The charset is one of: {', '.join(CHARSETS)}.")
    return charset


async def _take_in(intake: Intake, request: Request) -> None:
    """Raises the problem that the rest of the file met; what was whole before it is kept."""
    pieces = _pieces(request)
    try:
        async for piece in pieces:
            await intake.take(piece)
        await intake.end()
    except Unreadable as wrong:
        await _pass_over(pieces)
        fault = Fault(("body", wrong.line), str(wrong))
        raise Invalid(f"Line {wrong.line}: {wrong}", faults=[fault]) from None
    except TooLarge as wrong:
        await intake.keep()
        raise TooLarge(f"{wrong.detail} {_kept(intake)}") from None
    except ClientDisconnect:
        await intake.keep()
        logger.warning("An import was cut off. %s", _kept(intake))
        raise Cut(_kept(intake)) from None
    except STORE_AWAY as error:
        if not intake.stored_to:
            raise
        logger.warning("The store went away in an import: %s.", type(error).__name__)
        raise Unavailable(
            f"The database does not answer. {_kept(intake)}", retry_after=problems.STORE_AWAY_S
        ) from None


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """Raises ``TooLarge``, and what a connection raises that is cut."""
    left = MOST_BYTES
    async for piece in request.stream():
        left -= len(piece)
        if left < 0:
            raise TooLarge(problems.too_large(MOST_BYTES))
        yield piece


async def _pass_over(pieces: AsyncIterator[bytes]) -> None:
    """An answer that comes before its request has ended may never be read."""
    with contextlib.suppress(TooLarge, ClientDisconnect):
        async for _ in pieces:
            pass


def _kept(intake: Intake) -> str:
    if not intake.stored_to:
        return "Nothing was stored."
    return (
        f"Lines up to {intake.stored_to} are stored; the whole file can be sent again, it does"
        " no harm."
    )
