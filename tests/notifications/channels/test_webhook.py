"""Does a word reach a customer's program, signed, and what do its answers mean?"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta

import pytest

from notifications.channel import Accepted, Outcome, Parcel, Refused, Unreachable
from notifications.channels.webhook import Webhook
from notifications.signature import new_secret
from notifications.strangers import NotPublic
from tests.notifications.parcels import PARCEL
from tests.servers.https import Host, https

BODY = {"page": {"status_indicator": "major"}, "incident": {"name": "Però"}}
SECRET = new_secret(lambda count: b"k" * count)
CALL = replace(
    PARCEL, recipient="https://hooks.example.org/in?key=s3cret", body=BODY, secret=SECRET
)


async def sent(host: Host, parcel: Parcel = CALL) -> Outcome:
    async with Webhook(host.reach, patience_s=2) as channel:
        return await channel.send(parcel)


async def test_the_body_arrives_signed_with_their_own_secret() -> None:
    async with https("hooks.example.org") as host:
        assert await sent(host) == Accepted("HTTP 200")
    asked = host.requests[0]
    assert asked.json == BODY
    assert asked.headers["content-type"] == "application/json"
    name, stamp = asked.headers["webhook-id"], asked.headers["webhook-timestamp"]
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    mac = hmac.new(key, f"{name}.{stamp}.".encode() + asked.body, hashlib.sha256).digest()
    assert asked.headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()
    assert stamp == str(int(PARCEL.sent_at.timestamp()))


async def test_a_second_try_has_the_same_id_and_its_own_time() -> None:
    async with https("hooks.example.org") as host:
        host.answer("500 Oh", "200 OK")
        first = await sent(host)
        again = replace(CALL, sent_at=CALL.sent_at + timedelta(minutes=5))
        assert (first, await sent(host, again)) == (
            Unreachable("it answered HTTP 500", 500),
            Accepted("HTTP 200"),
        )
    one, two = (request.headers for request in host.requests)
    assert one["webhook-id"] == two["webhook-id"]
    assert int(two["webhook-timestamp"]) - int(one["webhook-timestamp"]) == 300


@pytest.mark.parametrize("line", ["301 M", "304 N", "400 B", "401 U", "404 N", "408 T", "503 U"])
async def test_whatever_is_not_2xx_is_tried_again(line: str) -> None:
    async with https("hooks.example.org") as host:
        host.answer(line)
        outcome = await sent(host)
    assert outcome == Unreachable(f"it answered HTTP {line[:3]}", int(line[:3]))


async def test_gone_means_never_again() -> None:
    async with https("hooks.example.org") as host:
        host.answer("410 Gone")
        outcome = await sent(host)
    assert outcome == Refused("it wants no more calls (HTTP 410)", 410)


async def test_it_says_when_to_come_again() -> None:
    async with https("hooks.example.org") as host:
        host.answer("429 Slowly", headers="Retry-After: 90\r\n")
        outcome = await sent(host)
    assert outcome == Unreachable("it answered HTTP 429", 429, wait=timedelta(seconds=90))


async def test_an_address_that_became_private_is_refused() -> None:
    async with https("hooks.example.org") as host:
        reach = replace(host.reach, allows=lambda _: False)
        async with Webhook(reach) as channel:
            assert isinstance(await channel.send(CALL), Refused)
    assert host.connections == 0


@pytest.mark.parametrize("url", ["https://10.0.0.1/", "http://hooks.example.org/", "", "x"])
async def test_what_is_no_address_is_refused_unasked(url: str) -> None:
    async with https("hooks.example.org") as host:
        assert isinstance(await sent(host, replace(CALL, recipient=url)), Refused)
    assert (host.connections, host.looked_up) == (0, [])
    with pytest.raises(NotPublic):
        Webhook.checked(url)


@pytest.mark.parametrize("answer", [b"", b"...", b"HTTP/1.1 404 N\r\nContent-Length: 0\r\n\r\n"])
async def test_no_reason_shows_address_or_secret(answer: bytes) -> None:
    async with https("hooks.example.org") as host:
        host.answers = [answer]
        async with Webhook(host.reach, patience_s=0.2) as channel:
            outcome = await channel.send(CALL)
    assert not any(word in repr(outcome) for word in ("s3cret", "example", "whsec", "127."))
    assert SECRET not in repr(CALL)
