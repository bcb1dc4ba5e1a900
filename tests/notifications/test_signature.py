"""Can a reader of the documentation tell our calls from another's?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from notifications.signature import new_secret, signed
from tests.house.papers import blocks
from tests.house.sources import ROOT

BODY = '{"incident": {"name": "Però"}}'.encode()
SECRET = new_secret()


@pytest.fixture
def is_ours() -> Callable[[Mapping[str, str], bytes, str], bool]:
    """The lines of docs/webhooks.md, as they stand there."""
    written = next(iter(blocks(ROOT / "docs" / "webhooks.md", "python")))
    names: dict[str, Any] = {}
    exec(compile(written, "docs/webhooks.md", "exec"), names)  # noqa: S102  it is what is tested
    assert len(written.strip().splitlines()) <= 12
    found: Callable[[Mapping[str, str], bytes, str], bool] = names["is_ours"]
    return found


def test_what_we_sign_is_ours(is_ours: Callable[..., bool]) -> None:
    headers = signed("<msg@status.acme.example>", datetime.now(UTC), BODY, SECRET)
    assert is_ours(headers, BODY, SECRET)
    rotated = {**headers, "webhook-signature": f"v1,AAAA {headers['webhook-signature']}"}
    assert is_ours(rotated, BODY, SECRET)


def test_what_another_sent_or_we_long_ago_is_not(is_ours: Callable[..., bool]) -> None:
    now = datetime.now(UTC)
    headers = signed("<msg@status.acme.example>", now, BODY, SECRET)
    assert not is_ours(headers, BODY + b" ", SECRET)
    assert not is_ours(headers, BODY, new_secret())
    assert not is_ours({**headers, "webhook-id": "another"}, BODY, SECRET)
    old = signed("<msg@status.acme.example>", now - timedelta(minutes=6), BODY, SECRET)
    assert not is_ours(old, BODY, SECRET)


def test_secrets_are_long_and_never_the_same() -> None:
    assert len({new_secret() for _ in range(100)}) == 100
    assert all(len(new_secret()) == 50 and new_secret().startswith("whsec_") for _ in range(5))
