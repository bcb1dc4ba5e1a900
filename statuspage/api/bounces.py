"""How does a relay or a mail server tell us that a letter came back?

Either the report itself as it would be mailed (``message/rfc822``, from a pipe), or a few
fields as JSON (from the web hook of a sending service). A report counts by what is sealed in
it, however it was handed in; fields are believed, for who sends them showed a token.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, StringConstraints, ValidationError

from notifications import bounce
from statuspage.actions import bounces
from statuspage.api import problems
from statuspage.api.bearer import Caller, allow_as_basic
from statuspage.api.deeds import JSON
from statuspage.api.fields import Asked
from statuspage.dependencies import AtDoor, Now
from statuspage.errors import Fault, Invalid, Problem
from statuspage.vocabulary import Scope

router = APIRouter(prefix="/bounces", tags=["subscribers"])
Keeper = Annotated[Caller, Depends(allow_as_basic(Scope.SUBSCRIBERS))]
MAIL = "message/rfc822"
Address = Annotated[str, StringConstraints(max_length=320)]


class WrongType(Problem):
    status, title = 415, "This is neither mail nor JSON"


class Returned(Asked):
    """One letter that came back."""

    address: Address | None = Field(default=None, description="who did not get it")
    message_id: Annotated[str, StringConstraints(max_length=998)] | None = Field(
        default=None, description="the letter's; without it, the last one to that address"
    )
    return_path: Address | None = Field(
        default=None, description="the letter's envelope sender, in place of the address"
    )
    action: Literal["failed", "delayed"] | None = Field(
        default=None, description="by default what the status says: 4.x.x is only late"
    )
    status: Annotated[
        str, StringConstraints(pattern=r"^[245]\.[0-9]{1,3}\.[0-9]{1,3}$"), Field(max_length=9)
    ] = Field(default="5.0.0", description="RFC 3463")
    diagnostic: Annotated[str, StringConstraints(max_length=10_000)] = Field(
        default="", description="the other server's words"
    )


class OutcomeView(BaseModel):
    """``counted``: against the address, which rests after three in a row. ``noted``: the letter
    is marked, and it was not the mailbox's fault. ``ignored``: only late, known already, no
    bounce, or none of our letters.
    """

    outcome: bounces.Outcome


_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {"schema": Returned.model_json_schema()},
            MAIL: {"schema": {"type": "string"}},
        },
    }
}


@router.post("", openapi_extra=_BODY, responses=problems.responses(400, 413, 415))
async def take_bounce(
    request: Request,
    caller: Keeper,  # noqa: ARG001
    premises: AtDoor,
    now: Now,
) -> OutcomeView:
    """A letter came back. Handed in twice, it counts once."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (JSON, MAIL):
        raise WrongType(f"Send the body as Content-Type: {MAIL} or {JSON}.")
    body = await request.body()
    if kind == MAIL:
        found = await asyncio.to_thread(bounce.read, body)
    else:
        found = _bounce(_returned(body))
    if found is None:
        return OutcomeView(outcome="ignored")
    by_program = kind == JSON
    async with premises.store.write() as session:
        (outcome,) = await bounces.came_back(
            session, premises.settings, [found], now, by_program=by_program
        )
    premises.nudges.nudge("call")
    return OutcomeView(outcome=outcome)


def _returned(body: bytes) -> Returned:
    try:
        returned = Returned.model_validate_json(body)
    except ValidationError as error:
        told = [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]
        raise RequestValidationError(told) from None
    if returned.address is None and returned.return_path is None:
        fault = Fault(("body", "address"), "Either the address or the return_path is needed.")
        raise Invalid("Nothing says which letter it was.", faults=[fault])
    return returned


def _bounce(returned: Returned) -> bounce.Bounce:
    late = returned.status.startswith("4.")
    message_id = returned.message_id and f"<{returned.message_id.strip().strip('<>')}>"
    return bounce.told(
        returned.action or ("delayed" if late else "failed"),
        returned.status,
        returned.diagnostic,
        came_to=returned.return_path or "",
        recipient=returned.address,
        message_id=message_id or None,
    )
