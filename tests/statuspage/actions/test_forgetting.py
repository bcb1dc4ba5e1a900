"""Who is forgotten stands nowhere any more, and is not written to again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, col

from statuspage.actions import answers, credit_codes, forgetting, recipients, subscribers
from statuspage.database import Store
from statuspage.jobs.publish import Publish
from statuspage.settings import loads
from statuspage.tables import Delivery, Recipient, Subscriber, Suppression
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import CONFIGURATION, NOON, Town

ANNA, NEW = "anna+status@müller.example", "anna@example.net"
DAY = timedelta(days=1)


@pytest.fixture
async def town(store_url: str, smtp: Relay, tmp_path: Path) -> AsyncIterator[Town]:
    text = CONFIGURATION.format(server=smtp.dsn, mail="", letters="", operators="")
    text = text.replace("[mail]", f'state_dir = "{tmp_path}/state"\n[mail]', 1)
    made = await Town(Store(store_url), loads(text, {}, tmp_path / "avviso.toml")).build()
    yield made
    await made.close()


async def subscribe(town: Town, address: str = ANNA) -> Subscriber:
    """From the form to the yes."""
    await town.ask(address, "it", ["shop"])
    await town.deliver()
    code = (await town.subscriber(address)).confirm_code or ""
    async with town.store.write() as session:
        await subscribers.confirm(session, code, town.at, {"from": "192.0.2.77"})
    return await town.subscriber(address)


async def erase(town: Town, id: str, why: str = "erased") -> bool:
    async with town.store.write() as session:
        return await forgetting.erase(session, id, town.at, why)


async def publish(town: Town) -> None:
    job = Publish(town.premises)
    await job.tick(town.at)
    await job.close()


async def everything_in(store: Store) -> str:
    """Every value of every row of every table."""
    written = []
    async with store.read() as session:
        for table in SQLModel.metadata.sorted_tables:
            written += [f"{table.name} {row}" for row in await session.execute(sa.select(table))]
    return "\n".join(written)


async def test_of_whoever_is_erased_nothing_is_left_anywhere(
    town: Town, smtp: Relay, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "statuspage")
    anna = await subscribe(town)
    async with town.store.write() as session:
        row = await session.get_one(Subscriber, anna.id)
        row.source, row.owner, row.secret = (
            "crm export of Anna",
            "anna-owner@example.org",
            "whsec_1",
        )
        row.new_address = NEW
        await answers.first_of(session, "a-key", b"", town.at, keyed=True)
        await answers.remember(session, "a-key", 201, f'{{"id":"{anna.id}","address":"{ANNA}"}}')
    await town.incident()
    async with town.store.write() as session:
        await credit_codes.add(session, "inc1", ["SORRY-1"])
        assert await credit_codes.bind(session, "inc1", [anna.id], town.at)
    smtp.reply("RCPT", f"550 5.1.1 <{ANNA}> unknown", times=1)
    await town.tell("A disk is full.")
    await town.mail()
    await town.tell("A second word.")
    await town.spread()
    await publish(town)
    known = [ANNA, NEW, "müller", "Anna", "anna-owner", "whsec_1", "192.0.2.77"]
    known += [code for code in (anna.code, anna.confirm_code) if code]
    before = await everything_in(town.store)
    assert [one for one in known if one not in before] == [], "there was something to forget"

    assert await erase(town, anna.id)
    await town.mail()
    await publish(town)

    after = await everything_in(town.store)
    assert [one for one in known if one in after] == []
    files = [file for file in (tmp_path / "state").rglob("*") if file.is_file()]
    assert files
    assert [one for one in known for file in files if one.encode() in file.read_bytes()] == []
    assert [one for one in known if one in caplog.text] == []
    assert anna.id in after, "what was sent points to an id"
    assert len(smtp.letters) == 1, "the letter to confirm, and none since"
    assert "SORRY-1" in after, "a code that was given stays used"


async def test_the_files_of_the_store_keep_no_trace(sqlite_url: str, tmp_path: Path) -> None:
    """Nor does the write-ahead log; while somebody reads from it, nobody else waits."""
    town = await Town(Store(sqlite_url), loads(settings_text(), {}, tmp_path / "a.toml")).build()
    anna = await subscribe(town)
    file = town.store.file
    assert file is not None

    def in_files() -> list[str]:
        beside = file.parent.glob(f"{file.name}*")
        return [one.name for one in beside if ANNA.encode() in one.read_bytes()]

    async with town.store.read() as reader:
        await reader.execute(sa.text("SELECT * FROM subscribers"))
        await erase(town, anna.id)
        assert not await town.store.empty_log()
        async with town.store.write() as writer, asyncio.timeout(2):
            await writer.execute(sa.text("UPDATE house SET revision = revision"))
    assert in_files(), "the test looks where it was"
    assert await town.store.empty_log()
    assert in_files() == []
    await town.close()


def settings_text() -> str:
    return CONFIGURATION.format(server="smtp://127.0.0.1:9", mail="", letters="", operators="")


async def test_erasing_twice_or_nobody_is_harmless(town: Town) -> None:
    anna = await subscribe(town)
    assert [await erase(town, anna.id) for _ in range(2)] == [True, True]
    assert not await erase(town, "nobody")


async def test_what_waits_for_them_never_leaves_and_of_others_does(town: Town, smtp: Relay) -> None:
    anna = await subscribe(town)
    await town.add("bice@example.org")
    await town.incident()
    await town.tell("A disk is full.")
    await town.spread()
    await erase(town, anna.id)
    await town.deliver()
    to_confirm, to_bice = (letter.recipient for letter in smtp.letters)
    assert (to_confirm.startswith("anna+status@"), to_bice) == (True, "bice@example.org")
    async with town.store.read() as session:
        reasons = await session.scalars(
            sa.select(col(Delivery.reason)).where(col(Delivery.state) == "withdrawn")
        )
        assert reasons.all() == ["erased"]


async def test_no_import_writes_to_them_again_however_they_are_written(town: Town) -> None:
    await erase(town, (await subscribe(town)).id)
    for address in (ANNA, ANNA.replace("anna", "Anna")):
        async with town.store.write() as session:
            added = await subscribers.add(session, address, "en", [], town.at)
            assert (added.subscriber, added.outcome) == (None, "silent")
    async with town.store.write() as session:
        assert await forgetting.suppressed_among(session, "email", [ANNA, NEW]) == {ANNA}
        assert not await subscribers.is_suppressed(session, "webhook", ANNA)
        assert (await subscribers.add(session, NEW, "en", [], town.at)).outcome == "added"


async def test_who_comes_back_by_themselves_is_welcome(town: Town) -> None:
    first = await subscribe(town)
    await erase(town, first.id)
    await town.ask(ANNA)
    async with town.store.read() as session:
        assert await subscribers.is_suppressed(session, "email", ANNA), "no yes, no end of silence"
    town.at += timedelta(hours=1)
    second = await subscribe(town)
    assert (second.state, second.id == first.id) == ("active", False)
    async with town.store.read() as session:
        assert not await subscribers.is_suppressed(session, "email", ANNA)


async def test_who_left_is_forgotten_after_a_while_and_stays_silent(town: Town) -> None:
    anna = await subscribe(town)
    await town.leave(ANNA)
    town.at += 30 * DAY
    await town.sweep()
    assert (await town.subscriber(ANNA)).state == "left"
    town.at += timedelta(minutes=1)
    await town.sweep()
    async with town.store.write() as session:
        assert (await session.get_one(Subscriber, anna.id)).state == "erased"
        assert (await session.scalars(sa.select(col(Suppression.why)))).all() == ["left"]
        assert (await subscribers.add(session, ANNA, "en", [], town.at)).outcome == "silent"


async def test_who_left_and_asked_again_without_a_yes_stays_silent(town: Town) -> None:
    await subscribe(town)
    await town.leave(ANNA)
    await town.ask(ANNA)
    town.at += 8 * DAY
    await town.sweep()
    assert ANNA not in await everything_in(town.store)
    async with town.store.write() as session:
        assert (await subscribers.add(session, ANNA, "en", [], town.at)).outcome == "silent"


async def test_hundreds_who_left_are_forgotten_in_one_sweep(town: Town) -> None:
    await town.crowd(250)
    async with town.store.write() as session:
        await session.execute(sa.update(Subscriber).values(state="left", left_at=NOON))
    town.at += 31 * DAY
    await town.sweep()
    async with town.store.read() as session:
        left = await session.scalars(sa.select(col(Subscriber.address)).distinct())
        assert left.all() == [None]
        assert len((await session.scalars(sa.select(Suppression))).all()) == 250


async def test_who_was_told_what_is_forgotten_too(town: Town) -> None:
    anna = await subscribe(town)
    await town.incident()
    await town.tell("A disk is full.")
    await town.mail()
    await erase(town, anna.id)
    town.at += 91 * DAY
    await town.sweep()
    async with town.store.read() as session:
        assert (await session.scalars(sa.select(Recipient))).all() == []
        assert not await recipients.anybody(session, "inc1")
