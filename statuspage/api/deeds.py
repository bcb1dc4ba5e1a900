"""How is something carried out, once, and when is it answered?

A deed is one transaction together with the memory of its answer. It is answered when this
process shows the pages that it made, and after a second at the latest. What is asked for
twice, by the same key or in the same words, is done once.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import answers
from statuspage.actions.revision import revision
from statuspage.dependencies import AtDoor, Now
from statuspage.errors import Problem
from statuspage.premises import Premises

logger = logging.getLogger(__name__)

WAKES = ("publish", "call", "announce", "deliver")
JSON = "application/json"

Deed = Callable[[AsyncSession], Awaitable[tuple[int, BaseModel | None]]]
"""Carries something out; answers the HTTP status and what to tell."""
IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=255, description="A repeat gets the first answer."),
]


class WrongType(Problem):
    status, title = 415, "This is not JSON"


@dataclass(frozen=True, slots=True)
class Doing:
    """What a route needs to carry something out."""

    premises: Premises
    request: Request
    now: datetime
    key: str | None

    async def once(self, token_id: str, deed: Deed) -> Response:
        """Carry out what has not been carried out; a repeat gets the first answer."""
        return await self._do(token_id, deed)

    async def again(self, token_id: str, deed: Deed) -> Response:
        """For what may be asked for anew in the same words (stop the letters, let them go,
        stop them): only a key tells that a request is a repeat.
        """
        return await self._do(token_id if self.key is not None else None, deed)

    async def _do(self, token_id: str | None, deed: Deed) -> Response:
        async with self.premises.store.write() as session:
            answer = await self._remembered(session, token_id, deed)
            made = await revision(session)
        self.premises.nudges.nudge(*WAKES)
        if not await self.premises.memory.shows(made):
            logger.warning("The pages of revision %s are not shown after a second.", made)
        return answer

    async def _remembered(
        self, session: AsyncSession, token_id: str | None, deed: Deed
    ) -> Response:
        if token_id is None:
            return _answer(*_written(*await deed(session)))
        body = await self.request.body()
        key = answers.key_of(token_id, self._path, self.key, body)
        keyed = self.key is not None
        first = await answers.first_of(session, key, body, self.now, keyed=keyed)
        if first is not None:
            return _answer(first.status, first.body, replayed=True)
        status, text = _written(*await deed(session))
        await answers.remember(session, key, status, text)
        return _answer(status, text)

    @property
    def _path(self) -> str:
        url = self.request.url
        return f"{self.request.method} {url.path}?{url.query}"


def doing(
    premises: AtDoor, request: Request, now: Now, idempotency_key: IdempotencyKey = None
) -> Doing:
    _must_be_json(request)
    return Doing(premises, request, now, idempotency_key)


Door = Annotated[Doing, Depends(doing)]


def _must_be_json(request: Request) -> None:
    """A body, if there is one, is JSON and says so. Raises ``WrongType``."""
    has_none = request.headers.get("content-length", "0") == "0"
    if has_none and "transfer-encoding" not in request.headers:
        return
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON and not (kind.startswith("application/") and kind.endswith("+json")):
        raise WrongType("Send the body as Content-Type: application/json.")


def _written(status: int, told: BaseModel | None) -> tuple[int, str]:
    return status, told.model_dump_json() if told is not None else ""


def _answer(status: int, body: str, *, replayed: bool = False) -> Response:
    headers = {"Idempotent-Replayed": "true"} if replayed else {}
    return Response(body, status, headers, JSON if body else None)
