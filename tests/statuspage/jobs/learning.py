"""What do people do in the town after an outage: say what they learned, and keep their word?"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from statuspage.actions import credit_codes, postmortem_actions, postmortems
from statuspage.rules.postmortems import Action, Credit, Learned
from statuspage.tables import Call, CreditCode, Incident
from tests.servers.received import Received
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import HOUR, NOON, Town

ANNA, BERT, CARL, LATE = (f"{name}@example.org" for name in ("anna", "bert", "carl", "late"))
DAY = timedelta(days=1)
UNDO = timedelta(seconds=10)
LEARNED = Learned(
    what_happened="The disk was full.",
    what_we_did="We took a larger one.",
    how_we_prevent_it="A full disk calls us.",
    translations={
        "it": {
            "what_happened": "Il disco era pieno.",
            "what_we_are_doing": "Ne abbiamo preso uno più grande.",
            "how_we_prevent_it": "Un disco pieno ci chiama.",
        }
    },
    actions=(Action("A second disk.", date(2026, 12, 1)), Action("An alarm.", date(2026, 12, 9))),
)
CODES = Credit("code", "Your next delivery costs nothing.")


def learned(**changed: Any) -> Learned:
    told = {name: getattr(LEARNED, name) for name in LEARNED.__dataclass_fields__}
    return Learned(**told | changed)


async def after_an_outage(town: Town, smtp: Relay, *addresses: str) -> None:
    """These were told of it, and that it is over."""
    for address in addresses:
        await town.add(address)
    await town.incident(impact="critical", spoken_at=NOON)
    await town.tell("A disk is full.")
    await town.mail()
    town.at += HOUR
    await town.tell("It works.", over=True)
    await town.mail()
    async with town.store.write() as session:
        row = await session.get_one(Incident, "inc1")
        row.resolved_at, row.status = town.at, "resolved"
    smtp.forget()


async def says(town: Town, said: Learned = LEARNED) -> None:
    async with town.store.write() as session:
        await postmortems.publish(session, town.settings, "inc1", said, "ada", town.at)


async def marks(town: Town, n: int) -> None:
    async with town.store.write() as session:
        await postmortem_actions.mark_done(session, town.settings, "inc1", n, "ada", town.at)


async def unmarks(town: Town, n: int) -> None:
    async with town.store.write() as session:
        await postmortem_actions.mark_not_done(session, "inc1", n, "ada", town.at)


async def mailed(town: Town) -> None:
    """The undo window passes, and what is due leaves."""
    town.at += UNDO
    await town.mail()


async def uploads(town: Town, *codes: str) -> None:
    async with town.store.write() as session:
        await credit_codes.add(session, "inc1", codes)


def recipients(smtp: Relay) -> list[str]:
    return sorted(letter.recipient for letter in smtp.letters)


def text_of(smtp: Relay, address: str) -> str:
    (letter,) = smtp.to(address)
    body = letter.message.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


async def called(town: Town) -> list[str]:
    async with town.store.read() as session:
        found = await session.scalars(sa.select(Call).order_by(col(Call.id)))
        return [str(call.key) for call in found.all()]


async def codes_of(town: Town) -> dict[str, str | None]:
    async with town.store.read() as session:
        found = await session.scalars(sa.select(CreditCode))
        return {row.code: row.subscriber_id for row in found.all()}


def codes_in(letter: Received) -> set[str]:
    """The codes that a letter shows, in either form."""
    bodies = [letter.message.get_body((form,)) for form in ("plain", "html")]
    return {code for body in bodies if body for code in re.findall(r"CODE-\d+", body.get_content())}
