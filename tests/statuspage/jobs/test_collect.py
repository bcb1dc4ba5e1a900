"""Is what lies in our mailboxes read, recorded once, and left as its people expect it?"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from notifications.mailboxes.imap import LOOKED_AT, Imap
from statuspage.database import Store
from statuspage.jobs.collect import EVERY, Collect
from tests.notifications import returned
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_port
from tests.servers.smtp import Relay
from tests.statuspage.jobs.returning import SEALED, comes_to, id_of, mail_about, told
from tests.statuspage.jobs.town import Town, town_settings

ANNA = returned.READER


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "bounces" / name).mkdir(parents=True)
    return tmp_path / "bounces"


@pytest.fixture
async def town(sqlite_url: str, smtp: Relay, maildir: Path) -> AsyncIterator[Town]:
    """Letters come back into a Maildir."""
    made = await town_at(sqlite_url, smtp, f'maildir = "{maildir}"')
    yield made
    await made.close()


async def town_at(url: str, smtp: Relay, where: str) -> Town:
    town = Town(Store(url), town_settings(smtp.dsn, mail=f"{SEALED}\n{where}"))
    await town.build()
    await town.add(ANNA)
    return town


def put(maildir: Path, name: str, mail: bytes) -> None:
    file = maildir / "new" / name
    file.write_bytes(mail)
    os.utime(file, (time.time() - 60,) * 2)


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


async def test_what_lies_in_a_maildir_is_recorded_and_everything_else_left(
    town: Town, maildir: Path
) -> None:
    letters = await told(town, "a", "b", "c")
    for n, letter in enumerate(letters):
        put(maildir, f"{n}.bounce", await mail_about(town, letter))
    to = await comes_to(town, letters[0])
    put(maildir, "8.holiday", returned.filled(returned.VACATION, to, id_of(letters[0])))
    put(maildir, "9.other", returned.filled(returned.ORDINARY, to))
    assert await Collect(town.premises).tick(town.at) == EVERY
    assert (await town.subscriber(ANNA)).state == "resting"
    assert names_in(maildir / "new") == []
    assert names_in(maildir / "cur") == [
        "0.bounce:2,S",
        "1.bounce:2,S",
        "2.bounce:2,S",
        "8.holiday:2,",
        "9.other:2,",
    ]


async def test_what_was_recorded_and_not_yet_marked_counts_no_second_time(
    town: Town, maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (letter,) = await told(town, "a")
    put(maildir, "1", await mail_about(town, letter))
    collect = Collect(town.premises)
    with monkeypatch.context() as killed:
        killed.setattr("notifications.mailboxes.maildir.Maildir.settle", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await collect.tick(town.at)
    assert names_in(maildir / "new") == ["1"]
    await collect.tick(town.at)
    assert (await town.subscriber(ANNA)).hard_bounces == 1
    assert names_in(maildir / "new") == []


async def test_what_the_store_does_not_take_stays_to_be_read_again(
    town: Town, maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (letter,) = await told(town, "a")
    put(maildir, "1", await mail_about(town, letter))
    collect = Collect(town.premises)
    with monkeypatch.context() as away:

        async def gone(*_: object, **__: object) -> None:
            raise ConnectionRefusedError

        away.setattr("statuspage.actions.bounces.came_back", gone)
        with pytest.raises(ConnectionRefusedError):
            await collect.tick(town.at)
    await collect.tick(town.at)
    assert (await town.subscriber(ANNA)).hard_bounces == 1


async def test_more_than_a_batch_is_read_without_waiting(town: Town, maildir: Path) -> None:
    for n in range(250):
        put(maildir, f"{n:03}", returned.filled(returned.ORDINARY, "x@acme.example"))
    collect = Collect(town.premises)
    assert await collect.tick(town.at) == timedelta(0)
    assert len(names_in(maildir / "cur")) == 200
    assert await collect.tick(town.at) == EVERY
    assert names_in(maildir / "new") == []


async def test_nothing_that_a_stranger_mails_stops_the_reading(town: Town, maildir: Path) -> None:
    (letter,) = await told(town, "a")
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(5000)
    )
    for n, mail in enumerate((b"", b"\xff" * 1000, nested, b"x" * 10_000_000)):
        put(maildir, str(n), mail)
    put(maildir, "9", await mail_about(town, letter))
    await Collect(town.premises).tick(town.at)
    assert (await town.subscriber(ANNA)).hard_bounces == 1
    assert names_in(maildir / "new") == []


async def test_an_imap_mailbox_is_read_on_both_stores(
    store_url: str, smtp: Relay, dovecot: Dovecot
) -> None:
    town = await town_at(store_url, smtp, f'imap = "{dovecot.dsn}"')
    letters = await told(town, "a", "b", "c")
    dovecot.put(*[await mail_about(town, letter) for letter in letters])
    dovecot.put(returned.filled(returned.ORDINARY, "x@acme.example"))
    for _ in range(2):
        await Collect(town.premises).tick(town.at)
    assert (await town.subscriber(ANNA)).state == "resting"
    assert dovecot.flags() == [{LOOKED_AT, "\\Seen"}] * 3 + [{LOOKED_AT}]
    await town.close()


async def test_a_mailbox_that_is_away_is_said_once_and_read_when_it_is_back(
    sqlite_url: str, smtp: Relay, dovecot: Dovecot, caplog: pytest.LogCaptureFixture
) -> None:
    town = await town_at(sqlite_url, smtp, f'imap = "{dovecot.dsn}"')
    (letter,) = await told(town, "a")
    dovecot.put(await mail_about(town, letter))
    dovecot.stop()
    collect = Collect(town.premises)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            await collect.tick(town.at)
        dovecot.start()
        for _ in range(2):
            await collect.tick(town.at)
    said = [record.message for record in caplog.records]
    assert len(said) == 2
    assert said[0].startswith("A mailbox cannot be read: no connection")
    assert said[1] == "The mailbox can be read again."
    assert (await town.subscriber(ANNA)).hard_bounces == 1
    await town.close()


async def test_a_mailbox_that_hangs_is_cut_off_and_holds_nothing_up(
    sqlite_url: str, smtp: Relay, maildir: Path
) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as server:
        where = f'imap = "imap://a:b@127.0.0.1:{server.getsockname()[1]}/"'
        town = await town_at(sqlite_url, smtp, f'{where}\nmaildir = "{maildir}"')
        (letter,) = await told(town, "a")
        put(maildir, "1", await mail_about(town, letter))
        collect = Collect(town.premises, patience_s=0.5)
        began = time.monotonic()
        await collect.tick(town.at)
        assert time.monotonic() - began < 5
        assert (await town.subscriber(ANNA)).hard_bounces == 1
        (hung,) = [box for box in collect._boxes if isinstance(box, Imap)]
        async with asyncio.timeout(5):  # its thread has ended, and can begin again
            assert await asyncio.to_thread(lambda: hung._socket) is None
        await town.close()
