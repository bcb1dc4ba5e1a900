"""Does a web address answer as it should, and fast enough?

The whole answer is read, up to a megabyte: a page that never ends loading is no page.
Each look has a connection of its own: closing costs less than keeping a pool, and a
kept connection would hide a listener that accepts nobody new. Of httpx stand the request,
URLs and HTTP/1.1; its client and pool would cost ten times the CPU.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cached_property
from typing import Annotated, ClassVar

import httpx
from pydantic import AfterValidator, Field, JsonValue, SecretStr, StringConstraints

from checks.duration import Duration
from checks.expect import json_difference, readable
from checks.faults import Failure
from checks.line import Line
from checks.probe import Probe, answered
from checks.result import Fault, Result
from checks.wire import Answer, exchange

MOST_REDIRECTS = 10
REDIRECTS = frozenset({301, 302, 303, 307, 308})
USER_AGENT = "avviso"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def _web_address(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise ValueError("not a web address; allowed is https://host/path") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError("allowed are http://host/path and https://host/path")
    if parsed.userinfo:
        raise ValueError("user and password belong into basic_auth, not into the url")
    return url


def _fit_for_headers(headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
    for name, value in headers.items():
        text = value.get_secret_value()
        if not _TOKEN.fullmatch(name):
            raise ValueError(f"{name!r} can't be the name of a header")
        if not (text.isascii() and text.replace("\t", " ").isprintable()):
            raise ValueError(f"the value of {name} may have printable ASCII characters only")
    return headers


def _with_colon(pair: SecretStr | None) -> SecretStr | None:
    if pair is not None and ":" not in pair.get_secret_value():
        raise ValueError('allowed is "user:password"')
    return pair


Status = Annotated[int, Field(ge=100, le=599)]


class Http(Probe):
    """Asks for a page; ``expect_json`` maps dotted paths ("checks.0.state") to values."""

    kind: ClassVar[str] = "http"

    url: Annotated[str, AfterValidator(_web_address)] = Field(repr=False)
    method: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3,20}$")] = "GET"
    headers: Annotated[dict[str, SecretStr], AfterValidator(_fit_for_headers)] = Field(
        default_factory=dict
    )
    body: str | None = Field(default=None, repr=False)
    expect_status: list[Status] = Field(default_factory=lambda: [200], min_length=1)
    expect_text: Annotated[str, StringConstraints(min_length=1)] | None = None
    expect_json: dict[str, JsonValue] = Field(default_factory=dict)
    max_time: Duration | None = None
    follow_redirects: bool = False
    verify_tls: bool = True
    basic_auth: Annotated[SecretStr | None, AfterValidator(_with_colon)] = None

    async def look(self, line: Line) -> Result:
        answer = await self._ask(line)
        self._judge(answer)
        return answered(line, f"Answered {answer.status}.", self.max_time)

    async def _ask(self, line: Line) -> Answer:
        request = self._request
        for _ in range(MOST_REDIRECTS + 1):
            answer = await exchange(line, request, verify_tls=self.verify_tls)
            if not self.follow_redirects or answer.status not in REDIRECTS:
                return answer
            location = answer.headers.get("location")
            if location is None:
                return answer
            request = self._redirected(request, location, answer.status)
        says = f"Redirected more than {MOST_REDIRECTS} times."
        raise Failure(Fault.TOO_MANY_REDIRECTS, says)

    def _judge(self, answer: Answer) -> None:
        if answer.status not in self.expect_status:
            expected = " or ".join(map(str, self.expect_status))
            says = f"Answered {answer.status}, expected {expected}."
            raise Failure(Fault.WRONG_STATUS, says)
        if self.expect_text is None and not self.expect_json:
            return
        text = readable(answer)
        if self.expect_text is not None and self.expect_text not in text:
            where = "the first megabyte of the answer" if answer.is_cut else "the answer"
            raise Failure(Fault.WRONG_CONTENT, f"The expected text is not in {where}.")
        difference = json_difference(text, answer, self.expect_json) if self.expect_json else None
        if difference is not None:
            raise Failure(Fault.WRONG_CONTENT, difference)

    @cached_property
    def _request(self) -> httpx.Request:
        """Built once: its parts are the same for every look."""
        own = {name: value.get_secret_value() for name, value in self.headers.items()}
        # Compression is not asked for: little is read, and unpacking could blow up.
        usual = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
        headers = httpx.Headers({**usual, "Connection": "close"})
        headers.update(own)
        if self.basic_auth is not None:
            headers["Authorization"] = _basic(self.basic_auth)
        return httpx.Request(self.method, self.url, headers=headers, content=self.body)

    def _redirected(self, request: httpx.Request, location: str, status: int) -> httpx.Request:
        url = _followed(request.url, location)
        keeps = status in (307, 308) or request.method in ("GET", "HEAD")
        # Headers may hold keys: they are for the configured origin and nobody else.
        headers = dict(self._request.headers) if _origin(url) == _origin(self._request.url) else {}
        for name in ("host", "content-length", "transfer-encoding"):
            headers.pop(name, None)
        headers.setdefault("user-agent", USER_AGENT)
        headers["connection"] = "close"
        method = request.method if keeps else "GET"
        return httpx.Request(
            method, url, headers=headers, content=request.content if keeps else None
        )


def _basic(pair: SecretStr) -> str:
    return f"Basic {b64encode(pair.get_secret_value().encode()).decode()}"


def _followed(origin: httpx.URL, location: str) -> httpx.URL:
    try:
        url = origin.join(location)
    except httpx.InvalidURL:
        raise Failure(Fault.PROTOCOL_ERROR, "Redirected to what is no web address.") from None
    if url.scheme not in ("http", "https") or not url.host:
        says = "Redirected to an address that is neither http nor https."
        raise Failure(Fault.PROTOCOL_ERROR, says)
    return url


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
