"""Is a mailbox on a real IMAP server read whole, once, and left as its people want it?"""

from __future__ import annotations

import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from notifications.bounce import MOST_BYTES
from notifications.channel import Unreachable
from notifications.mailbox import Mail
from notifications.mailboxes.imap import LOOKED_AT, Imap
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_port

SINCE = datetime.now(UTC) - timedelta(days=10)
BOUNCE, OTHER = b"Subject: bounce\r\n\r\nx\r\n", b"Subject: lunch?\r\n\r\ny\r\n"


def fetched(box: Imap, most: int = 100) -> list[Mail]:
    found = box.fetch(most, SINCE)
    assert not isinstance(found, Unreachable), found
    return list(found)


def reason(box: Imap) -> str:
    found = box.fetch(10, SINCE)
    assert isinstance(found, Unreachable)
    assert found.ours
    return found.reason


def test_each_mail_is_looked_at_once_and_people_s_mail_stays_unread(dovecot: Dovecot) -> None:
    dovecot.put(BOUNCE, OTHER)
    box = Imap(dovecot.dsn)
    bounce, other = fetched(box)
    assert (bounce.head, other.head) == (BOUNCE, OTHER)
    assert dovecot.flags() == [set(), set()]
    assert len(fetched(box)) == 2  # until it is settled
    box.settle([bounce.key], ours=True)
    box.settle([other.key], ours=False)
    box.close()
    assert dovecot.flags() == [{LOOKED_AT, "\\Seen"}, {LOOKED_AT}]
    another = Imap(dovecot.dsn)  # of us, or we after a restart
    assert fetched(another) == []
    another.close()
    dovecot.put(BOUNCE)
    assert [mail.head for mail in fetched(box)] == [BOUNCE]
    box.close()


def test_what_a_person_has_read_already_is_looked_at_all_the_same(dovecot: Dovecot) -> None:
    dovecot.put(BOUNCE)
    with dovecot.client() as client:
        client.select()
        client.store("1", "+FLAGS", "\\Seen")
    box = Imap(dovecot.dsn)
    assert len(fetched(box)) == 1
    box.close()


def test_only_so_many_at_a_time_and_only_so_much_of_each(dovecot: Dovecot) -> None:
    dovecot.put(BOUNCE + b"z" * (MOST_BYTES + 1000), *[BOUNCE] * 4)
    box = Imap(dovecot.dsn)
    assert [len(mail.head) for mail in fetched(box, 2)] == [MOST_BYTES, len(BOUNCE)]
    box.close()


def test_a_folder_with_a_name_that_must_be_quoted(dovecot: Dovecot) -> None:
    with dovecot.client() as client:
        client.create('"All our \\"bounces\\""')
    dovecot.put(BOUNCE, folder='"All our \\"bounces\\""')
    box = Imap(dovecot.dsn.replace("INBOX", "All%20our%20%22bounces%22"))
    assert len(fetched(box)) == 1
    box.close()


def test_mail_that_goes_away_between_two_lines_is_passed_over(dovecot: Dovecot) -> None:
    dovecot.put(BOUNCE, OTHER)
    box = Imap(dovecot.dsn)
    box._connection()
    with dovecot.client() as client:
        client.select()
        client.store("1", "+FLAGS", "\\Deleted")
        client.expunge()
    assert [mail.head for mail in fetched(box)] == [OTHER]
    box.close()


def test_a_wrong_secret_is_said_without_it(dovecot: Dovecot) -> None:
    said = reason(Imap(dovecot.dsn.replace("open", "shut")))
    assert "uthentication failed" in said
    assert "shut" not in said


def test_a_folder_that_is_not_there_is_said(dovecot: Dovecot) -> None:
    assert "exist" in reason(Imap(dovecot.dsn.replace("INBOX", "Nowhere")))


def test_a_server_that_is_away_is_a_value_and_its_return_goes_on(dovecot: Dovecot) -> None:
    dovecot.put(BOUNCE)
    box = Imap(dovecot.dsn)
    assert len(fetched(box)) == 1
    dovecot.kill()
    assert "connection" in reason(box)
    box.settle(["1"], ours=True)  # nothing to say it to, and no harm
    dovecot.start()
    assert len(fetched(box)) == 1
    box.close()


@pytest.mark.parametrize("greeting", [b"", b"* OK ready\r\n"])
def test_a_server_that_hangs_costs_a_line_s_time_and_can_be_cut_off(greeting: bytes) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as server:
        accepted: list[socket.socket] = []
        threading.Thread(target=lambda: accepted.append(_greet(server, greeting))).start()
        began = time.monotonic()
        box = Imap(f"imap://a:b@127.0.0.1:{server.getsockname()[1]}/", line_s=0.3)
        assert reason(box) == "the mailbox did not answer in time"
        assert time.monotonic() - began < 5
    for one in accepted:
        one.close()


def test_a_reader_that_waits_ends_when_it_is_closed() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as server:
        accepted: list[socket.socket] = []
        threading.Thread(target=lambda: accepted.append(_greet(server, b"* OK hi\r\n"))).start()
        box = Imap(f"imap://a:b@127.0.0.1:{server.getsockname()[1]}/", line_s=60)
        found: list[object] = []
        reading = threading.Thread(target=lambda: found.append(box.fetch(10, SINCE)))
        reading.start()
        while not accepted:
            time.sleep(0.01)
        time.sleep(0.1)
        box.close()
        reading.join(5)
        assert not reading.is_alive()
        assert isinstance(found[0], Unreachable)
    for one in accepted:
        one.close()


def _greet(server: socket.socket, greeting: bytes) -> socket.socket:
    connection, _ = server.accept()
    connection.sendall(greeting)
    return connection
