"""How does a command reach the API, and what does it say when that fails?

``AVVISO_URL`` and ``AVVISO_TOKEN`` say where and as whom. A problem becomes a sentence and
an exit code: 2 when asking otherwise would help, 1 when asking later would.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from statuspage.errors import Invalid, Misuse, Stop

PREFIX = "/api/v1"
PATIENCE_S = 15.0
LONG_PATIENCE_S = 600.0
"""For a long body: the server takes it no faster than it can store it."""
_ASKED_WRONGLY = frozenset({400, 401, 403, 404, 405, 413, 415, 422})


@dataclass(frozen=True, slots=True)
class Reply:
    """``replayed``: the same was asked a moment ago, and was done then."""

    told: Any
    text: str
    replayed: bool = False


def ask(
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
) -> Reply:
    """One call. ``path`` begins after ``/api/v1``. Raises ``Misuse`` and ``Stop``."""
    with _calling() as (url, headers):
        answer = httpx.request(
            method,
            f"{url}{PREFIX}{path}",
            json=body,
            params=query,
            headers=headers,
            timeout=PATIENCE_S,
            verify=_verifies(url),
        )
    return _reply(url, answer)


def send(
    path: str,
    pieces: Iterable[bytes],
    size: int,
    media_type: str,
    query: Mapping[str, Any] | None = None,
) -> Reply:
    """POST what is too long for memory; it is answered when all of it is stored."""
    with _calling() as (url, headers):
        about = {"Content-Type": media_type, "Content-Length": str(size)}
        answer = httpx.post(
            f"{url}{PREFIX}{path}",
            content=pieces,
            params=query,
            headers={**headers, **about},
            timeout=httpx.Timeout(PATIENCE_S, read=LONG_PATIENCE_S, write=LONG_PATIENCE_S),
            verify=_verifies(url),
        )
    return _reply(url, answer)


def fetch(path: str, query: Mapping[str, Any] | None = None) -> Iterator[bytes]:
    """GET what is too long for memory, piece by piece."""
    with (
        _calling() as (url, headers),
        httpx.stream(
            "GET",
            f"{url}{PREFIX}{path}",
            params=query,
            headers=headers,
            timeout=PATIENCE_S,
            verify=_verifies(url),
        ) as answer,
    ):
        if not answer.is_success:
            answer.read()
            _reply(url, answer)
        yield from answer.iter_bytes()


@contextmanager
def _calling() -> Iterator[tuple[str, dict[str, str]]]:
    """Where to, with which headers; what happens on the way there becomes a ``Stop``."""
    url, token = _url(), _named("AVVISO_TOKEN", "a token, as made by: avviso token create NAME")
    try:
        yield url, {"Authorization": f"Bearer {token}"}
    except httpx.TimeoutException:
        raise Stop(f"{url} did not answer within {PATIENCE_S:.0f} s.") from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise Stop(f"{url} cannot be reached: {error}") from None


def _verifies(url: str) -> bool:
    """By plain HTTP there is no certificate, and to read the authorities takes 50 ms."""
    return url.startswith("https://")


def part(text: str) -> str:
    """A text as one part of a path."""
    return quote(text, safe="")


def _url() -> str:
    url = _named("AVVISO_URL", "the address of the status page, like https://status.acme.example")
    if not url.startswith(("http://", "https://")):
        raise Misuse(f"AVVISO_URL is {url!r}; it must begin with https:// or http://.")
    return url.rstrip("/")


def _named(name: str, what: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise Misuse(f"{name} is not set. It is {what}")
    if not value.isascii() or not value.isprintable():
        raise Misuse(f"{name} has a character that cannot stand in it.")
    return value


def _reply(url: str, answer: httpx.Response) -> Reply:
    if answer.is_success:
        replayed = answer.headers.get("Idempotent-Replayed") == "true"
        is_table = answer.headers.get("content-type", "").startswith("text/csv")
        told = _read(url, answer) if answer.content and not is_table else None
        return Reply(told, answer.text, replayed)
    stop = Misuse if answer.status_code in _ASKED_WRONGLY else Stop
    raise stop("\n".join(_sentences(url, answer)))


def _read(url: str, answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        raise Stop(f"{url} answers, but not as Avviso does. Is AVVISO_URL right?") from None


def _sentences(url: str, answer: httpx.Response) -> Iterator[str]:
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        yield f"{url} answered {answer.status_code}, and not as Avviso does. Is AVVISO_URL right?"
        return
    problem = _read(url, answer)
    errors = problem.get("errors", ())
    if not errors:
        yield str(problem.get("detail") or problem.get("title"))
    for error in errors:
        where = ".".join(str(step) for step in error["loc"][1:])
        yield f"{where}: {error['msg']}" if where else str(error["msg"])
    if errors and problem.get("title") != Invalid.title:
        yield str(problem["detail"])  # what helps with all of them
    if wait := answer.headers.get("Retry-After"):
        yield f"Ask again in {wait} s."
