"""Which status, headers and bytes go out for a representation?

Everything that does not depend on the request is put together once, and every answer
carries the security headers. Nothing here looks at a clock, a socket or a row: how long
a client shall wait is added by whoever knows what time it is.

Standards: RFC 9110 (representations, validators), RFC 9111 and 5861 (caches), RFC 9457
(problems), CSP 3, OWASP ASVS 5.0 3.4.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from statuspage.memory import Page, Prepared

Headers = tuple[tuple[bytes, bytes], ...]
"""As ASGI takes them."""

PAGE_CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "object-src 'none'"
)
NOTHING_CSP = (
    "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; "
    "object-src 'none'"
)
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
_ONE_YEAR_S = 365 * 86_400
_ONLY_OF_CONTENT = frozenset({"content-encoding", "content-language", "content-type"})
"""What a 304 need not repeat (RFC 9110, 15.4.5)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the installation says about every answer.

    ``notice_csp`` names the hashes of the notice's own style; a page's own header wins.
    ``forms`` are paths whose GET is a snapshot, and whose other methods the application
    answers.
    """

    site_url: str
    page_csp: str = PAGE_CSP
    notice_csp: str = PAGE_CSP
    forms: frozenset[str] = frozenset({"/subscribe", "/subscribe/hook"})


@dataclass(frozen=True, slots=True)
class Head:
    """A status and its headers, also as they go over the wire: ``wire`` lacks the date and the
    empty line, which are the connection's to add.
    """

    status: int
    headers: Headers
    wire: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer; ``unchanged`` is the head of a 304 in its place, ``etag`` is empty
    where there is none, and ``modified_at`` is known of what programs follow.
    """

    head: Head
    body: bytes = b""
    etag: bytes = b""
    modified_at: datetime | None = None
    unchanged: Head | None = None
    retry_until: datetime | None = None

    @property
    def status(self) -> int:
        return self.head.status


def page_answer(prepared: Prepared, coding: str, vary: Iterable[str], policy: Policy) -> Answer:
    """A page in one of its content codings."""
    page, body = prepared.page, prepared.codings[coding]
    fields = _page_fields(page, policy) | {"vary": ", ".join(vary)}
    if coding != "identity":
        fields["content-encoding"] = coding
    etag = prepared.etags[coding] if page.status == HTTPStatus.OK else ""
    if etag:
        fields["etag"] = etag
    fields |= {name.lower(): value for name, value in page.headers}
    unchanged = {name: value for name, value in fields.items() if name not in _ONLY_OF_CONTENT}
    return Answer(
        head=head(page.status, fields | {"content-length": str(len(body))}),
        body=body,
        etag=etag.encode(),
        modified_at=moment_in(fields.get("last-modified", "")) if etag else None,
        unchanged=head(HTTPStatus.NOT_MODIFIED, unchanged) if etag else None,
        retry_until=page.retry_until,
    )


def head(status: int, fields: Mapping[str, str]) -> Head:
    """Put together once what goes out many times."""
    headers = encoded(fields)
    lines = [b"HTTP/1.1 %d %s" % (status, HTTPStatus(status).phrase.encode())]
    lines += [b"%s: %s" % field for field in headers]
    return Head(int(status), headers, b"\r\n".join(lines) + b"\r\n")


def moment_in(field: str) -> datetime | None:
    """A date as HTTP writes it; None for one that nobody can read (RFC 9110, 13.1.3)."""
    try:
        return parsedate_to_datetime(field).astimezone(UTC)
    except ValueError:
        return None


def problem_answer(
    status: HTTPStatus, detail: str, policy: Policy, more: Mapping[str, str] | None = None
) -> Answer:
    """A problem that a person and a program can read (RFC 9457)."""
    problem = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
    return json_answer(status, problem, policy, "application/problem+json", more)


def json_answer(
    status: int,
    value: object,
    policy: Policy,
    media_type: str = "application/json",
    more: Mapping[str, str] | None = None,
) -> Answer:
    """A small JSON document that no cache keeps."""
    body = json.dumps(value).encode()
    fields = {"content-type": media_type, "content-length": str(len(body)), **(more or {})}
    return Answer(head(status, _uncached(policy) | fields), body)


def empty_answer(status: int, policy: Policy, more: Mapping[str, str] | None = None) -> Answer:
    """A status that says it all. A 204 must not carry a Content-Length (RFC 9110, 8.6)."""
    length = {} if status == HTTPStatus.NO_CONTENT else {"content-length": "0"}
    return Answer(head(status, _uncached(policy) | length | dict(more or {})))


def security_headers(csp: str, policy: Policy) -> dict[str, str]:
    """What every answer carries. The referrer stays within the site and is not dropped
    altogether: with "no-referrer" browsers send our own forms with ``Origin: null``.
    """
    fields = {
        "content-security-policy": csp,
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "permissions-policy": _PERMISSIONS,
    }
    if policy.site_url.startswith("https://"):
        # not includeSubDomains: what else lives below this name is not ours to break
        fields["strict-transport-security"] = f"max-age={_ONE_YEAR_S}"
    return fields


def encoded(fields: Mapping[str, str]) -> Headers:
    """Fields as ASGI takes them."""
    return tuple((name.encode(), value.encode("latin-1")) for name, value in fields.items())


def _page_fields(page: Page, policy: Policy) -> dict[str, str]:
    fields = {
        "content-type": _with_charset(page.media_type),
        "cache-control": _cache_control(page.max_age),
        **security_headers(_csp(page, policy), policy),
    }
    return fields | ({"content-language": page.language} if page.language else {})


def _with_charset(media_type: str) -> str:
    plain = media_type.startswith("text/") and "charset=" not in media_type
    return f"{media_type}; charset=utf-8" if plain else media_type


def _cache_control(max_age: int | None) -> str:
    if max_age is None:
        return "no-store"
    return f"public, max-age={max_age}, stale-while-revalidate=30, stale-if-error=86400"


def _csp(page: Page, policy: Policy) -> str:
    if not page.media_type.startswith("text/html"):
        return NOTHING_CSP
    return policy.notice_csp if page.path.startswith("/notice/") else policy.page_csp


def _uncached(policy: Policy) -> dict[str, str]:
    return {"cache-control": "no-store", **security_headers(NOTHING_CSP, policy)}
