"""A town whose letters come back: told words, and mails as other people's servers write them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import col

from notifications.bounce import read
from notifications.identity import message_id
from notifications.return_path import return_path
from statuspage.actions import bounces, return_paths
from statuspage.tables import Call, Delivery, House, Subscriber
from tests.notifications import returned
from tests.statuspage.jobs.town import Town

BOX = "bounces@acme.example"
SEALED = f'[bounces]\naddress = "{BOX}"'
NOTIFY = 'notify = ["https://hooks.acme.example/x"]'


async def told(town: Town, *incidents: str) -> list[Delivery]:
    """One word of each incident, accepted by the relay; the deliveries of them all."""
    for id in incidents:
        await town.incident(id)
        await town.tell("It is down.", id)
        await town.mail()
        town.room.limits = town.room.limits.__class__(1000, 1000)
    return await town.deliveries()


async def comes_to(town: Town, letter: Delivery) -> str:
    """The return path that the letter left with."""
    async with town.store.read() as session:
        return sealed(letter, await return_paths.key(session))


def sealed(letter: Delivery, key: bytes) -> str:
    return return_path(BOX, letter.id or 0, key)


async def mail_about(town: Town, letter: Delivery, server: str = "postfix") -> bytes:
    return returned.came_back(server, await comes_to(town, letter), id_of(letter))


def id_of(letter: Delivery) -> str:
    return message_id(letter.announcement_id, letter.subscriber_id, "status.acme.example")


async def hand_in(town: Town, *mails: bytes) -> list[bounces.Outcome]:
    found = [one for mail in mails if (one := read(mail)) is not None]
    async with town.store.write() as session:
        return await bounces.came_back(session, town.settings, found, town.at)


async def calls(town: Town) -> list[Call]:
    async with town.store.read() as session:
        return list((await session.scalars(sa.select(Call).order_by(col(Call.id)))).all())


async def everybody(town: Town) -> Sequence[Subscriber]:
    async with town.store.read() as session:
        return (await session.scalars(sa.select(Subscriber).order_by(col(Subscriber.id)))).all()


async def give_a_secret(town: Town, secret: str = "s" * 64) -> None:
    async with town.store.write() as session:
        await session.execute(
            sa.update(House).values(secret=secret).execution_options(synchronize_session=False)
        )
