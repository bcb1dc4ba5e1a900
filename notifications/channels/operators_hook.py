"""How does a call get to an operators' hook?

A POST of JSON with 10 seconds for everything. 2xx is accepted, 408, 429 and 5xx are later,
every other answer is never; a redirect is not followed, for the body must not go where
nobody wrote down. With a secret it is signed as Standard Webhooks 1.0 says; ``webhook-id``
stays the same when a call is tried again. It may lie in our own network, for operators wrote
it down themselves; strangers' hooks are another kind. A hook's URL is itself a secret: no
reason shows it.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from functools import cache
from types import TracebackType
from typing import ClassVar, Self

import httpx

from notifications.channel import (
    Accepted,
    Manners,
    Outcome,
    Parcel,
    Refused,
    ToldIn,
    Unreachable,
    Wiring,
)
from notifications.signature import signed

_LATER = (408, 429)


class OperatorsHook:
    schemes: ClassVar[frozenset[str]] = frozenset({"http", "https"})
    told_in: ClassVar[ToldIn] = "letters"
    fills_in: ClassVar[bool] = False

    def __init__(self, secret: str | None = None, timeout_s: float = 10.0) -> None:
        self._secret = secret
        self._timeout_s = timeout_s
        # trust_env: a proxy in the environment is for other programs, and breaks when they do
        self._client = httpx.AsyncClient(
            verify=_tls_context(), timeout=timeout_s, follow_redirects=False, trust_env=False
        )

    @classmethod
    def manners(cls, wiring: Wiring) -> Manners:  # noqa: ARG003  operators are called one by one
        return Manners(lines=0)

    @classmethod
    def wired(cls, wiring: Wiring) -> Self:
        return cls(wiring.webhook_secret, wiring.timeout_s or 10.0)

    @staticmethod
    def recipient(url: str) -> str:
        return url

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def send(self, parcel: Parcel) -> Outcome:
        body = _body(parcel)
        headers = {"content-type": "application/json", "user-agent": "Avviso"}
        if self._secret:
            headers |= signed(parcel.message_id, parcel.sent_at, body, self._secret)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._post(parcel.recipient, body, headers)
        except (TimeoutError, httpx.TimeoutException):
            return Unreachable(f"the hook did not answer within {self._timeout_s:g} s")
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            return Refused("the hook's URL can't be used")
        except httpx.ConnectError:
            return Unreachable("no connection to the hook")
        except httpx.HTTPError as error:
            return Unreachable(f"the connection to the hook broke ({type(error).__name__})")

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> Outcome:
        # streamed, and never read: the status is the answer, and a body may have no end
        async with self._client.stream("POST", url, content=body, headers=headers) as response:
            return _judged(response.status_code)


def _judged(status: int) -> Outcome:
    if 200 <= status <= 299:
        return Accepted(f"HTTP {status}")
    if status >= 500 or status in _LATER:
        return Unreachable(f"the hook answered HTTP {status}", status)
    return Refused(f"the hook answered HTTP {status}", status)


def _body(parcel: Parcel) -> bytes:
    """``text`` at the top is what chat systems' incoming hooks show."""
    body = parcel.body or {"subject": parcel.subject, "text": parcel.text}
    return json.dumps(body, ensure_ascii=False).encode()


@cache
def _tls_context() -> ssl.SSLContext:
    return ssl.create_default_context()


CHANNEL = OperatorsHook
