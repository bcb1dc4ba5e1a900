"""Is a Maildir read whole, once, and left as others expect to find it?"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from notifications.bounce import MOST_BYTES
from notifications.channel import Unreachable
from notifications.mailbox import Mail
from notifications.mailboxes.maildir import Maildir

SINCE = datetime.now(UTC) - timedelta(days=10)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    return tmp_path


def put(folder: Path, name: str, text: bytes = b"Subject: x\n\n", *, age_s: float = 60) -> Path:
    file = folder / "new" / name
    file.write_bytes(text)
    os.utime(file, (time.time() - age_s,) * 2)
    return file


def names_in(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


def fetched(folder: Path, most: int = 100) -> list[Mail]:
    found = Maildir(folder).fetch(most, SINCE)
    assert not isinstance(found, Unreachable)
    return list(found)


def test_what_was_looked_at_is_in_cur_and_not_read_again(folder: Path) -> None:
    put(folder, "1.a.host", b"Subject: one\n\n")
    put(folder, "2.b.host", b"Subject: two\n\n")
    box = Maildir(folder)
    assert [(mail.key, mail.head) for mail in fetched(folder)] == [
        ("1.a.host", b"Subject: one\n\n"),
        ("2.b.host", b"Subject: two\n\n"),
    ]
    assert len(fetched(folder)) == 2  # until it is settled
    box.settle(["1.a.host"], ours=True)
    box.settle(["2.b.host"], ours=False)
    assert fetched(folder) == []
    assert sorted(names_in(folder / "cur")) == ["1.a.host:2,S", "2.b.host:2,"]
    assert (folder / "cur" / "2.b.host:2,").read_bytes() == b"Subject: two\n\n"


def test_a_mail_that_is_still_written_is_left_until_it_is_whole(folder: Path) -> None:
    put(folder, "half", age_s=0.5)
    assert fetched(folder) == []
    put(folder, "half", age_s=3)
    assert [mail.key for mail in fetched(folder)] == ["half"]


def test_a_clock_that_stood_wrong_hides_no_mail(folder: Path) -> None:
    put(folder, "from-tomorrow", age_s=-86_400)
    assert [mail.key for mail in fetched(folder)] == ["from-tomorrow"]


def test_old_mail_of_others_stays_where_it_is(folder: Path) -> None:
    put(folder, "old", age_s=11 * 86_400)
    assert fetched(folder) == []
    assert names_in(folder / "new") == ["old"]


def test_what_is_no_mail_is_passed_over(folder: Path) -> None:
    (folder / "new" / "folder").mkdir()
    os.mkfifo(folder / "new" / "pipe")
    (folder / "new" / "link").symlink_to("/etc/passwd")
    put(folder, ".hidden")
    put(folder, "good")
    assert [mail.key for mail in fetched(folder)] == ["good"]


def test_names_that_nobody_expects(folder: Path) -> None:
    names = ["1,S=12:2,", "with space", "line\nend", os.fsdecode(b"\xff\xfe"), "è", "x" * 240]
    for name in names:
        put(folder, name)
    box, found = Maildir(folder), fetched(folder)
    assert {mail.key for mail in found} == set(names)
    box.settle([mail.key for mail in found], ours=True)
    assert names_in(folder / "new") == []
    assert len(names_in(folder / "cur")) == len(names)


def test_a_name_that_is_taken_in_cur_overwrites_nothing(folder: Path) -> None:
    (folder / "cur" / "1.a:2,S").write_bytes(b"another's")
    put(folder, "1.a", b"ours")
    Maildir(folder).settle(["1.a"], ours=True)
    assert (folder / "cur" / "1.a:2,S").read_bytes() == b"another's"
    assert sorted(file.read_bytes() for file in (folder / "cur").iterdir()) == [
        b"another's",
        b"ours",
    ]


def test_two_readers_at_once_do_not_fall_over_each_other(folder: Path) -> None:
    put(folder, "1")
    first, second = Maildir(folder), Maildir(folder)
    for box in (first, second):
        box.fetch(10, SINCE)
    first.settle(["1"], ours=True)
    second.settle(["1"], ours=True)
    assert names_in(folder / "cur") == ["1:2,S"]


def test_no_more_than_was_asked_for_and_no_more_of_each_than_a_report_needs(folder: Path) -> None:
    for n in range(5):
        put(folder, str(n), b"x" * (10 * 1024 * 1024 if n == 0 else 1))
    found = fetched(folder, most=3)
    assert [len(mail.head) for mail in found] == [MOST_BYTES, 1, 1]


def test_a_folder_that_is_no_maildir_is_said(tmp_path: Path) -> None:
    found = Maildir(tmp_path / "nowhere").fetch(10, SINCE)
    assert found == Unreachable("the Maildir cannot be read: No such file or directory", ours=True)
