"""What is a program told when something cannot be done?

One place turns every error into an RFC 9457 problem, the framework's own included. Input
is never repeated in one: it may be a secret. A store that is away is a 503, for it comes
back; the rest that can go wrong is the client's to mend.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.exceptions import HTTPException

from statuspage.errors import Fault, Problem

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
STORE_AWAY_S = 5
"""After so long it is worth asking again."""


class FaultView(BaseModel):
    """One field that is wrong: where it stands, and a sentence."""

    loc: list[str | int]
    msg: str


class ProblemView(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FaultView] | None = Field(default=None, description="for bad input")


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These statuses as the OpenAPI document tells them; ``document`` adds the schema."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Turn every error of an application into a problem."""
    app.exception_handler(Problem)(_ours)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_by_framework)
    app.exception_handler(IntegrityError)(_at_the_same_moment)
    for away in (DBAPIError, NoConnection, ConnectionError, TimeoutError):
        app.exception_handler(away)(_store_away)
    app.exception_handler(Exception)(_our_fault)


def answer(
    status: int,
    title: str,
    detail: str,
    faults: Iterable[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One problem."""
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
    }
    errors = [{"loc": list(fault.loc), "msg": fault.msg} for fault in faults]
    if errors:
        problem["errors"] = errors
    return Response(json.dumps(problem), status, dict(headers or {}), MEDIA_TYPE)


def too_large(most_bytes: int) -> str:
    """What to say of a body with more bytes than that."""
    kib = most_bytes // 1024
    return f"The body is larger than {f'{kib // 1024} MiB' if kib >= 1024 else f'{kib} KiB'}."


async def _ours(_: Request, problem: Problem) -> Response:
    headers = {}
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    return answer(problem.status, problem.title, problem.detail, problem.faults, headers)


async def _invalid(_: Request, error: RequestValidationError) -> Response:
    faults = [Fault(tuple(one["loc"]), one["msg"]) for one in error.errors()]
    if any(fault.loc[:1] == ("path",) for fault in faults):
        # an id that cannot be one is the id of nothing
        return answer(404, "There is no such thing", "Nothing is found at this path.")
    return answer(422, "Some fields are not right", _told(faults), faults)


def _told(faults: Sequence[Fault]) -> str:
    """The first few in a sentence each; all of them stand in ``errors``."""
    return " ".join(
        f"{'.'.join(map(str, fault.loc[1:])) or fault.loc[0]}: {fault.msg.rstrip('.')}."
        for fault in faults[:3]
    )


async def _by_framework(_: Request, error: HTTPException) -> Response:
    status = HTTPStatus(error.status_code)
    detail = _DETAILS.get(error.status_code, str(error.detail))
    return answer(status, status.phrase, detail, headers=error.headers)


_DETAILS = {
    400: "The body cannot be read.",
    404: "Nothing is found at this path.",
    405: "This path does not know that method; Allow names those that it knows.",
    413: "The body is larger than 256 KiB.",
}


async def _at_the_same_moment(_: Request, error: Exception) -> Response:
    logger.warning("Two changes met: %s.", _kind_of(error))
    return answer(409, "Conflict", "Somebody changed the same at this moment. Look, and ask again.")


async def _store_away(_: Request, error: Exception) -> Response:
    logger.warning("The store cannot be used: %s.", _kind_of(error))
    detail = "The database does not answer. Nothing was changed; ask again in a moment."
    return answer(
        503, "Not possible at this minute", detail, headers={"Retry-After": str(STORE_AWAY_S)}
    )


def _kind_of(error: Exception) -> str:
    """What went wrong, without the driver's own words: they repeat what was to be stored, and
    that may be a customer's address.
    """
    cause = getattr(error, "orig", None) or error
    state = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    return f"{type(cause).__name__} {state}" if state else type(cause).__name__


async def _our_fault(_: Request, __: Exception) -> Response:
    # the server logs it: what reaches this is raised again behind the answer
    return answer(500, Problem.title, "This is a mistake of ours, and it was written down.")
