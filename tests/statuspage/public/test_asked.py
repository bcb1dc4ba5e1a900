"""Whatever a stranger sends in place of a form is theirs to mend, never a fault of ours."""

from __future__ import annotations

import pytest
from fastapi import Request
from starlette.types import Message

from statuspage.errors import Invalid
from statuspage.public.asked import read

ENDLESS = b"1" * 5000
"""Python reads no number of more than 4,300 digits."""


def sent(kind: str, body: bytes) -> Request:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", kind.encode())]
    scope = {"type": "http", "method": "POST", "headers": headers, "app": None}
    return Request(scope, receive)


def multipart(value: bytes, kind: str = "multipart/form-data; boundary=x") -> tuple[str, bytes]:
    disposition = b'Content-Disposition: form-data; name="address"'
    return kind, b"--x\r\n" + disposition + b"\r\n\r\n" + value + b"\r\n--x--\r\n"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"n": ' + ENDLESS + b"}",
        b'{"address": "a@example.org", "language": ' + ENDLESS + b"}",
    ],
    ids=range(8),
)
async def test_json_that_is_none(body: bytes) -> None:
    with pytest.raises(Invalid):
        await read(sent("application/json", body))


@pytest.mark.parametrize("codec", ["punycode", "undefined"])
async def test_a_form_in_a_codec_that_fails(codec: str) -> None:
    kind, body = multipart(b"a@example.org", f"multipart/form-data; boundary=x; charset={codec}")
    with pytest.raises(Invalid):
        await read(sent(kind, body))


@pytest.mark.parametrize("codec", ["utf-8", "hex", "no-such-codec", "idna"])
async def test_a_form_in_any_other_is_read(codec: str) -> None:
    kind, body = multipart(b"a@example.org", f"multipart/form-data; boundary=x; charset={codec}")
    assert (await read(sent(kind, body))).address == "a@example.org"


@pytest.mark.parametrize("text", ['"a\\u0000b"', '"\\ud800@example.org"', "7", "[]", "{}", "null"])
async def test_what_no_store_keeps_is_as_good_as_not_sent(text: str) -> None:
    asked = await read(sent("application/json", f'{{"address": {text}}}'.encode()))
    assert asked.address in ("", "@example.org")
