"""Do we hear it when letters do not arrive, by another way than mail, and once?"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col

from notifications.mailboxes.imap import LOOKED_AT
from statuspage.actions import canary
from statuspage.database import Store
from statuspage.jobs.collect import EVERY, WHILE_OUT, Collect
from statuspage.jobs.measure import Measure
from statuspage.rules.canary import Canary
from statuspage.tables import Announcement, Delivery, Subscriber
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import Relay
from tests.statuspage.jobs.returning import calls
from tests.statuspage.jobs.town import HOUR, MINUTE, SECOND, Town, town_settings

US = "canary@acme.example"
NOTIFY = 'notify = ["mailto:oncall@acme.example", "https://hooks.acme.example/x"]'


async def town_at(url: str, smtp: Relay, where: str = "", operators: str = NOTIFY) -> Town:
    settings = town_settings(smtp.dsn, mail=f'canary = "{US}"\n{where}', operators=operators)
    return await Town(Store(url), settings).build()


@pytest.fixture
async def town(store_url: str, smtp: Relay) -> AsyncIterator[Town]:
    """Without a mailbox: the relay's acceptance counts."""
    made = await town_at(store_url, smtp)
    yield made
    await made.close()


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "canary" / name).mkdir(parents=True)
    return tmp_path / "canary"


@pytest.fixture
async def nest(sqlite_url: str, smtp: Relay, maildir: Path) -> AsyncIterator[Town]:
    """The canary is to arrive in a Maildir."""
    made = await town_at(sqlite_url, smtp, f'canary_maildir = "{maildir}"')
    yield made
    await made.close()


async def state(town: Town) -> Canary:
    async with town.store.read() as session:
        return await canary.known(session)


async def occasions(town: Town) -> list[tuple[str, str]]:
    return [(call.facts["occasion"], call.target.partition(":")[0]) for call in await calls(town)]


def arrive(smtp: Relay, maildir: Path, n: int) -> None:
    """The relay's last letter to us is put into its mailbox."""
    file = maildir / "new" / str(n)
    file.write_bytes(smtp.to(US)[-1].raw)
    os.utime(file, (time.time() - 60,) * 2)


async def test_every_hour_a_letter_walks_the_whole_way(town: Town, smtp: Relay) -> None:
    collect = Collect(town.premises)
    for n in range(1, 4):
        assert await collect.tick(town.at) == WHILE_OUT
        await town.deliver()
        assert len(smtp.to(US)) == n
        town.at += SECOND
        assert await collect.tick(town.at) == EVERY
        assert (await state(town)).took_s is not None
        town.at += HOUR - 2 * SECOND
        assert await collect.tick(town.at) == SECOND
        await town.deliver()
        assert len(smtp.to(US)) == n
        town.at += SECOND
    assert await calls(town) == []
    letter = smtp.to(US)[0]
    assert letter.subject == "Acme: do our letters arrive?"
    assert "List-Unsubscribe" not in letter.message


async def test_it_is_found_where_it_arrives_and_measured(
    nest: Town, smtp: Relay, maildir: Path
) -> None:
    collect = Collect(nest.premises)
    await collect.tick(nest.at)
    await nest.deliver()
    nest.at += 10 * SECOND
    assert await collect.tick(nest.at) == WHILE_OUT
    assert (await state(nest)).is_out  # accepted, and not there yet
    arrive(smtp, maildir, 1)
    nest.at += 10 * SECOND
    await collect.tick(nest.at)
    assert (await state(nest)).took_s == 20
    assert [file.name for file in (maildir / "cur").iterdir()] == ["1:2,S"]
    nest.at += 30 * MINUTE
    await collect.tick(nest.at)
    told = nest.room.metrics.exposition().decode()
    assert "avviso_canary_seconds 20.0" in told
    assert "avviso_canary_age_seconds 1800.0" in told


async def test_one_that_does_not_arrive_is_told_once_and_not_by_mail(
    nest: Town, smtp: Relay, maildir: Path
) -> None:
    collect = Collect(nest.premises)
    await collect.tick(nest.at)
    await nest.deliver()
    nest.at += 2 * MINUTE
    await collect.tick(nest.at)
    assert await calls(nest) == []
    for _ in range(3):
        nest.at += SECOND
        assert await collect.tick(nest.at) == EVERY
    (call,) = await calls(nest)
    assert await occasions(nest) == [("canary_lost", "https")]
    assert call.facts["accepted_at"]
    for _ in range(3):  # hours in which none arrives
        nest.at += HOUR
        await collect.tick(nest.at)
        await nest.deliver()
    assert len(await calls(nest)) == 1
    arrive(smtp, maildir, 9)
    nest.at += 5 * SECOND
    await collect.tick(nest.at)
    assert await occasions(nest) == [("canary_lost", "https"), ("canary_back", "https")]
    await collect.tick(nest.at + SECOND)
    assert len(await calls(nest)) == 2


async def test_a_relay_that_is_away_is_heard_of_and_its_return(town: Town, smtp: Relay) -> None:
    smtp.stop()
    collect = Collect(town.premises)
    for _ in range(5):
        await collect.tick(town.at)
        await town.deliver()
        town.at += MINUTE
    (call,) = await calls(town)
    assert (call.facts["occasion"], call.facts["accepted_at"]) == ("canary_lost", None)
    assert "@" not in call.facts["reason"]
    assert call.facts["reason"]
    smtp.start()
    await town.deliver()
    town.at += MINUTE
    await collect.tick(town.at)
    assert [one for one, _ in await occasions(town)] == ["canary_lost", "canary_back"]


async def test_who_has_only_mail_hears_of_it_by_mail(sqlite_url: str, smtp: Relay) -> None:
    town = await town_at(sqlite_url, smtp, operators='notify = ["mailto:oncall@acme.example"]')
    collect = Collect(town.premises)
    await collect.tick(town.at)
    await collect.tick(town.at + 3 * MINUTE)
    assert await occasions(town) == [("canary_lost", "mailto")]
    await town.close()


async def test_a_mailbox_that_cannot_be_read_is_named_as_what_is_wrong(
    nest: Town, maildir: Path
) -> None:
    (maildir / "new").rename(maildir / "elsewhere")
    collect = Collect(nest.premises)
    await collect.tick(nest.at)
    await collect.tick(nest.at + 3 * MINUTE)
    (call,) = await calls(nest)
    assert call.facts["reason"].startswith("the Maildir cannot be read")


async def test_while_we_were_not_running_nothing_was_missed(town: Town, smtp: Relay) -> None:
    await Collect(town.premises).tick(town.at)
    town.at += 10 * MINUTE  # killed at once, and started again
    again = Collect(town.premises)
    await again.tick(town.at)
    assert await calls(town) == []
    await town.deliver()
    town.at += SECOND
    await again.tick(town.at)
    assert not (await state(town)).is_out
    assert await calls(town) == []
    assert len(smtp.to(US)) == 1


async def test_after_a_long_rest_the_next_is_sent_and_the_old_one_not_mourned(town: Town) -> None:
    await Collect(town.premises).tick(town.at)
    town.at += 5 * HOUR
    await Collect(town.premises).tick(town.at)
    assert await calls(town) == []
    assert (await state(town)).sent_at == town.at


async def test_several_workers_send_one_together(town: Town, smtp: Relay) -> None:
    workers = [Collect(town.premises) for _ in range(4)]
    for n in range(1, 3):
        await asyncio.gather(*(one.tick(town.at) for one in workers))
        await town.deliver()
        assert len(smtp.to(US)) == n
        town.at += SECOND
        await asyncio.gather(*(one.tick(town.at) for one in workers))
        town.at += HOUR
    town.at += 3 * MINUTE
    await asyncio.gather(*(one.tick(town.at) for one in workers))
    town.at += 3 * MINUTE
    await asyncio.gather(*(one.tick(town.at) for one in workers))
    assert len(await calls(town)) == 1


async def test_its_rows_do_not_pile_up_and_nobody_counts_them(town: Town, smtp: Relay) -> None:
    collect = Collect(town.premises)
    for _ in range(6):
        await collect.tick(town.at)
        await town.deliver()
        town.at += HOUR
    async with town.store.read() as session:
        for table, most in ((Delivery, 2), (Announcement, 2), (Subscriber, 1)):
            count = sa.select(sa.func.count()).select_from(table)
            assert (await session.scalar(count) or 0) <= most
        letters = await session.scalars(sa.select(col(Announcement.incident_id)))
        assert set(letters) == {None}
    await town.incident()
    await town.tell("It is down.")
    await town.mail()
    assert len(smtp.letters) == 6  # no customer, no letter


async def test_one_that_waits_is_no_letter_of_a_customer(town: Town, smtp: Relay) -> None:
    smtp.stop()
    await Collect(town.premises).tick(town.at)
    await town.deliver()

    async def silent(_: object) -> None:
        return

    town.at += 5 * MINUTE
    await Measure(town.premises, silent).tick(town.at)
    assert "avviso_letters_queued 0.0" in town.room.metrics.exposition().decode()
    assert await calls(town) == []


async def test_an_address_that_is_a_customer_s_too_is_two_things(town: Town, smtp: Relay) -> None:
    await town.add(US)
    collect = Collect(town.premises)
    await collect.tick(town.at)
    await town.deliver()
    await town.incident()
    await town.tell("It is down.")
    await town.mail()
    assert len(smtp.to(US)) == 2
    await town.leave(US)
    town.at += HOUR
    await collect.tick(town.at)
    await town.deliver()
    assert len(smtp.to(US)) == 3


async def test_without_an_address_there_is_none(sqlite_url: str, smtp: Relay) -> None:
    town = await Town(Store(sqlite_url), town_settings(smtp.dsn)).build()
    assert await Collect(town.premises).tick(town.at) == EVERY
    assert await state(town) == Canary()
    assert await town.deliveries() == []
    await town.close()


async def test_a_clock_that_steps_back_holds_up_none(town: Town) -> None:
    collect = Collect(town.premises)
    await collect.tick(town.at)
    town.at -= timedelta(hours=3)
    await collect.tick(town.at)
    assert (await state(town)).sent_at == town.at
    assert await calls(town) == []


async def test_it_arrives_in_the_mailbox_of_what_comes_back_when_they_are_one(
    sqlite_url: str, smtp: Relay, dovecot: Dovecot
) -> None:
    where = f'[bounces]\naddress = "{US}"\nimap = "{dovecot.dsn}"'
    town = await town_at(sqlite_url, smtp, where)
    collect = Collect(town.premises)
    await collect.tick(town.at)
    await town.deliver()
    town.at += SECOND
    await collect.tick(town.at)
    assert (await state(town)).is_out
    dovecot.put(smtp.to(US)[0].raw)
    town.at += SECOND
    await collect.tick(town.at)
    assert not (await state(town)).is_out
    assert dovecot.flags() == [{LOOKED_AT, "\\Seen"}]
    await town.close()
