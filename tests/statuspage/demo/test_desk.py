"""Are the switches thrown only by our own form?"""

from __future__ import annotations

import pytest
from starlette.requests import Request

from statuspage.demo.desk import is_ours

HERE = {"host": "127.0.0.1:8000"}


@pytest.mark.parametrize(
    ("method", "headers", "ours"),
    [
        ("GET", HERE, True),
        ("GET", {"host": "localhost:8000"}, True),
        ("GET", {"host": "rebound.example:8000"}, False),
        ("GET", {"host": "127.0.0.1:9000"}, False),
        ("GET", {}, False),
        ("POST", HERE | {"origin": "http://127.0.0.1:8000"}, True),
        ("POST", {"host": "localhost:8000", "origin": "http://localhost:8000"}, True),
        ("POST", HERE | {"origin": "http://127.0.0.1:8001"}, False),
        ("POST", HERE | {"origin": "https://evil.example"}, False),
        ("POST", HERE | {"origin": "null"}, False),
        ("POST", HERE, True),
        ("POST", HERE | {"sec-fetch-site": "cross-site"}, False),
        ("POST", HERE | {"sec-fetch-site": "same-origin"}, True),
    ],
)
def test_who_may_ask(method: str, headers: dict[str, str], ours: bool) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    request = Request({"type": "http", "method": method, "headers": raw})
    assert is_ours(request, 8000) is ours
