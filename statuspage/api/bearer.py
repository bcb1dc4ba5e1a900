"""Who is calling, and may they do that?

Every route names the scopes of which one suffices. A token that opens nothing is counted
for the network it came from, so that nobody tries them in turn; a valid one passes
however many wrong ones came from beside it.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.exc import DBAPIError

from statuspage.actions import limits as counted
from statuspage.actions import tokens
from statuspage.dependencies import AtDoor, ClientAddress, Now, client_address, now
from statuspage.dependencies import premises as premises_of
from statuspage.errors import Forbidden, TooMany, Unauthenticated
from statuspage.premises import Premises
from statuspage.rules import limits
from statuspage.rules.limits import FAILED_TOKENS, Denied
from statuspage.rules.tokens import allows
from statuspage.tables import Token
from statuspage.vocabulary import Scope

_bearer = HTTPBearer(auto_error=False, scheme_name="token", description="A token of Avviso")
Shown = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]


@dataclass(frozen=True, slots=True)
class Caller:
    """``who`` is what the audit writes: the person whose token it is, else its name."""

    token_id: str
    who: str
    scopes: frozenset[str]


def allow(*scopes: Scope) -> Callable[..., Awaitable[Caller]]:
    """A dependency: the caller, when their token has one of these scopes."""

    async def caller(premises: AtDoor, now: Now, address: ClientAddress, shown: Shown) -> Caller:
        if shown is None:
            raise Unauthenticated("Send a token: Authorization: Bearer av_…")
        token = await _token(premises, shown.credentials, address, now)
        if not any(allows(token.scopes, scope) for scope in scopes):
            needed = " or ".join(scope.value for scope in scopes)
            raise Forbidden(f"This needs the scope {needed}.")
        return Caller(token.id, token.user or token.name, frozenset(token.scopes))

    return caller


def allow_as_basic(*scopes: Scope) -> Callable[..., Awaitable[Caller]]:
    """The same, for services that can only be given an address: the token may also be the
    password of HTTP Basic (RFC 7617), whatever the user is called.
    """
    asked = allow(*scopes)

    async def caller(
        request: Request, premises: AtDoor, now: Now, address: ClientAddress, shown: Shown
    ) -> Caller:
        return await asked(premises, now, address, shown or _by_basic(request))

    return caller


def _by_basic(request: Request) -> HTTPAuthorizationCredentials | None:
    scheme, _, written = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        plain = base64.b64decode(written, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return HTTPAuthorizationCredentials(scheme="Bearer", credentials=plain.partition(":")[2])


async def require_read(request: Request) -> None:
    """For paths beside the API: raises what a call without the scope ``read`` is answered."""
    shown = await _bearer(request)
    await allow(Scope.READ)(premises_of(request), now(request), client_address(request), shown)


async def _token(premises: Premises, plain: str, address: str, now: datetime) -> Token:
    async with premises.store.read() as session:
        token = await tokens.find(session, plain)
    if token is None:
        await _count_failure(premises, address, now)
        raise Unauthenticated("This token opens nothing. Was it revoked?")
    if not tokens.was_used_lately(token, now):
        with contextlib.suppress(DBAPIError):  # a note that may be missed
            async with premises.store.write() as session:
                await tokens.note_use(session, token.id, now)
    return token


async def _count_failure(premises: Premises, address: str, now: datetime) -> None:
    """Raises ``TooMany``; then nothing more is counted, nor written."""
    bucket = limits.bucket_of(FAILED_TOKENS, limits.network_of(address))
    async with premises.store.read() as session:
        may = await counted.look(session, {bucket: FAILED_TOKENS}, now)
    if isinstance(may, Denied):
        raise TooMany(
            "Too many wrong tokens came from your network.",
            retry_after=int(may.retry_after.total_seconds()),
        )
    async with premises.store.write() as session:
        await counted.count(session, {bucket: FAILED_TOKENS}, now)
