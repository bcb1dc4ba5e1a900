"""Who sends many letters, each in a process of its own, and what did it take?

    python -m benchmarks._fanout plain|avviso RELAY LETTERS LENGTH CONNECTIONS [STORE] [KEY]

``plain`` is what one writes in an afternoon: aiosmtplib, an ``EmailMessage`` for each, the
same kept connections. ``avviso`` announces and delivers over a real store. What was seen is
printed as JSON; the time begins when all is prepared.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import replace
from email.message import EmailMessage

import sqlalchemy as sa
from aiosmtplib import SMTP
from sqlmodel import col

from benchmarks._machine import memory_kb, run, watch_memory
from notifications.language import load
from notifications.letter import write
from notifications.mime import message
from notifications.relay import parse
from statuspage.database import Store
from statuspage.garbage import settle_down
from statuspage.jobs.announce import announce
from statuspage.jobs.deliver import deliver
from statuspage.rules import telling
from statuspage.tables import Delivery, Subscriber
from tests.notifications.parcels import PARCEL
from tests.statuspage.jobs.town import NOON, Town, frozen, still_failing, town_settings, word

AT_ONCE = 10_000
SENTENCE = "The disk of the second server is full, and orders wait until it has been emptied. "


class Course:
    """From here to ``ended``: how long, at which cost."""

    def __init__(self) -> None:
        watch_memory()
        self._kb, self._cpu_s, self._at = memory_kb("VmRSS"), time.process_time(), time.monotonic()

    def ended(self, letters: int) -> None:
        seconds, cpu_s = time.monotonic() - self._at, time.process_time() - self._cpu_s
        grown = (memory_kb("VmHWM") - self._kb) / 1024
        seen = {"letters": letters, "seconds": seconds, "cpu_s": cpu_s, "grown_mb": grown}
        sys.stdout.write(json.dumps(seen) + "\n")


async def plain(relay: str, letters: int, length: int, connections: int) -> None:
    options = parse(relay).options()
    clients = [SMTP(**options) for _ in range(connections)]
    await asyncio.gather(*(client.connect() for client in clients))
    left = iter(range(letters))
    text = "\n".join([SENTENCE[:72]] * (length // 2 // 73))
    course = Course()

    async def send(client: SMTP) -> None:
        for n in left:
            letter = EmailMessage()
            letter["From"] = "Acme status <status@acme.example>"
            letter["To"] = f"reader{n}@example.org"
            letter["Subject"] = "Shop: you cannot place orders at the moment"
            letter["Message-ID"] = f"<{n}@status.acme.example>"
            letter.set_content(f"{text}\nhttps://status.acme.example/unsubscribe/{n}\n")
            letter.add_alternative(f"<p>{text}</p><a href='{n}'>Leave</a>", subtype="html")
            await client.send_message(letter)

    await asyncio.gather(*(send(client) for client in clients))
    course.ended(letters)
    await asyncio.gather(*(client.quit() for client in clients))


async def avviso(
    relay: str, letters: int, length: int, connections: int, store: str, key: str
) -> None:
    dkim = (
        f'dkim = {{ key = {{ file = "{key}" }}, domain = "acme.example", selector = "avviso" }}'
        if key
        else ""
    )
    settings = town_settings(relay, mail=f"connections = {connections}\n{dkim}")
    town = await Town(Store(store), settings).build()
    await subscribe(town.store, letters)
    await town.incident()
    text = _text_for(town, length)
    await town.tell(text)
    await town.deliver()  # nothing is due: all is loaded that a running mailer has loaded
    settle_down()  # as a mailer does
    course = Course()
    spreading = asyncio.create_task(
        announce(town.store, settings, still_failing, frozen, town.at, town.who)
    )
    while not spreading.done() or await _count(town.store, "queued"):
        if await deliver(town.room, town.at, town.who) is None:
            await asyncio.wait([spreading], timeout=0.05)  # as a nudge would wake it
    course.ended(await _count(town.store, "accepted"))
    await town.close()


async def subscribe(store: Store, count: int) -> None:
    table: sa.Table = Subscriber.__table__  # type: ignore[attr-defined]
    for first in range(0, count, AT_ONCE):
        rows = [_subscriber(n) for n in range(first, min(first + AT_ONCE, count))]
        async with store.write() as session:
            await session.execute(sa.insert(table), rows)


async def _count(store: Store, state: str) -> int:
    async with store.read() as session:
        found = sa.select(sa.func.count()).where(col(Delivery.state) == state)
        return await session.scalar(found) or 0


def _subscriber(n: int) -> dict[str, object]:
    return {
        "id": f"{n * 0x9E3779B97F4A7C15 % 2**64:016x}",
        "address": f"reader{n}@example.org",
        "language": ("en", "it")[n % 2],
        "components": [],
        "state": "active",
        "code": f"{n:022d}",
        "created_at": NOON,
        "confirmed_at": NOON,
        "proof": {"asked": {"at": NOON.isoformat(), "text": "2026-11"}},
    }


def _text_for(town: Town, length: int) -> str:
    """Words that make a letter of this length, as it goes over the wire."""
    site, text = telling.site(town.settings), SENTENCE
    while True:
        letter = write(word(text, "inc1", town.at), site, load("en"))
        made = replace(PARCEL, text=letter.text, html=letter.html, places=_Anything())
        if len(message(made)) >= length:
            return text
        text += SENTENCE


class _Anything(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "https://status.acme.example/subscriptions/0123456789012345678901"


def main() -> None:
    which, relay, letters, length, connections, *more = sys.argv[1:]
    sent = (relay, int(letters), int(length), int(connections))
    if which == "plain":
        run(plain(*sent))
    else:
        store, key = more
        run(avviso(*sent, store, key))


if __name__ == "__main__":
    main()
