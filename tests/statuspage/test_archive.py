"""What was kept is found, newer stays over older, and a disk that is full takes nothing away."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from statuspage.archive import FILE, READY, Archive, NotKept, Record
from statuspage.memory import Page


def record(path: str, said: str, revision: int = 1, month: str | None = "2026-03") -> Record:
    pages = tuple(
        Page(where, "text/html", f"{said} {code}".encode(), code)
        for code in ("en", "it")
        for where in (path, f"/{code}{path}")
    )
    lines = {"en": {"title": said}}
    return Record(path, said, revision, month, "2026-03-01", lines, pages)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path / "state")
    yield made
    made.close()


def said(archive: Archive, path: str) -> list[str]:
    return [one.page.body.decode() for one in archive.find(path)]


def test_a_page_is_found_by_its_path_and_by_that_of_its_language(archive: Archive) -> None:
    assert archive.find("/incidents/a") == ()
    archive.keep([record("/incidents/a", "one")])
    assert said(archive, "/incidents/a") == ["one en", "one it"]
    assert said(archive, "/it/incidents/a") == ["one it"]
    [prepared] = archive.find("/it/incidents/a")
    assert prepared.page == Page("/it/incidents/a", "text/html", b"one it", "it")
    for absent in ("/de/incidents/a", "/incidents/b", "/incidents/a/", "/x/y/incidents/a", "/a"):
        assert archive.find(absent) == ()
    assert archive.at_hand("/it/incidents/a") == (prepared,)
    assert archive.at_hand("/incidents/b") is None, "the disk must be asked"
    assert archive.at_hand("/subscribe") == ()


def test_a_page_keeps_the_headers_that_it_was_made_with(archive: Archive) -> None:
    own = (("Content-Security-Policy", "style-src 'sha256-of-its-sheet'"), ("Link", "</a>"))
    page = Page("/incidents/a", "text/html", b"told", "en", headers=own)
    archive.keep([Record("/incidents/a", "one", 1, pages=(page,))])
    archive.close()
    [prepared] = archive.find("/incidents/a")
    assert prepared.page == page


def test_what_was_made_of_an_older_revision_replaces_nothing(archive: Archive) -> None:
    archive.keep([record("/incidents/a", "erased", 1)])
    assert said(archive, "/incidents/a")
    archive.keep([record("/incidents/a", "right", 3)])
    assert archive.keep([record("/incidents/a", "erased", 2)]) == frozenset()
    assert said(archive, "/incidents/a") == ["right en", "right it"]
    assert archive.stamps(["/incidents/a", "/incidents/b"]) == {"/incidents/a": "right"}


def test_the_months_that_have_changed_are_told(archive: Archive) -> None:
    assert archive.keep([record("/incidents/a", "one")]) == {"2026-03"}
    assert archive.keep([record("/incidents/a", "one", 2)]) == frozenset()
    assert archive.keep([record("/incidents/a", "two", 3, "2026-04")]) == {"2026-03", "2026-04"}
    archive.keep([record("/incidents/b", "three", 4, "2026-04")])
    assert archive.months() == {"2026-04": 2}
    assert archive.months(["/incidents/a"]) == {"2026-04": 1}
    assert archive.listed("2026-04", ["/incidents/a"]) == [{"en": {"title": "three"}}]
    archive.keep([Record("/incidents/b", "gone", 5)])
    assert archive.months() == {"2026-04": 1}
    assert archive.find("/incidents/b") == ()


def test_few_stay_in_memory(archive: Archive) -> None:
    archive.keep([record(f"/incidents/{n}", str(n)) for n in range(2 * READY)])
    for n in range(2 * READY):
        assert said(archive, f"/incidents/{n}")
    assert sum(archive.at_hand(f"/incidents/{n}") is not None for n in range(2 * READY)) == READY


def test_what_was_removed_is_overwritten_on_the_disk(archive: Archive) -> None:
    secret = random.Random(5).randbytes(4000)  # as it is: nothing makes it shorter
    page = Page("/incidents/a", "text/html", secret, "en")
    archive.keep([Record("/incidents/a", "1", 1, pages=(page,))])
    archive.close()
    assert secret[1000:1064] in archive.file.read_bytes()
    archive.keep([record("/incidents/a", "erased", 2)])
    archive.close()
    assert secret[1000:1064] not in archive.file.read_bytes()


def test_a_flipped_bit_is_no_page(archive: Archive) -> None:
    body = random.Random(5).randbytes(4000)
    page = Page("/incidents/a", "text/html", body, "en")
    archive.keep([Record("/incidents/a", "1", 1, pages=(page,))])
    archive.close()
    file = archive.file.read_bytes()
    archive.file.write_bytes(file.replace(body[1000:1010], body[1001:1011]))
    assert archive.find("/incidents/a") == ()


def test_a_folder_that_is_no_folder_is_no_end(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    archive = Archive(tmp_path / "state")
    assert archive.find("/incidents/a") == ()
    with pytest.raises(NotKept):
        archive.keep([record("/incidents/a", "one")])


def test_a_full_disk_takes_nothing_away(small_disk: Path) -> None:
    archive = Archive(small_disk)
    archive.keep([record("/incidents/a", "one")])
    assert said(archive, "/incidents/a")
    large = Page("/incidents/b", "text/html", random.randbytes(3_000_000), "en")
    for _ in range(2):
        with pytest.raises(NotKept, match="full"), closing(archive):
            archive.keep(
                [record("/incidents/a", "two", 2), Record("/incidents/b", "", 2, pages=(large,))]
            )
        assert said(archive, "/incidents/a") == ["one en", "one it"]
    archive.keep([record("/incidents/a", "two", 2)])
    found = said(archive, "/incidents/a")
    archive.close()
    assert found == ["two en", "two it"]


def test_an_archive_of_another_format_is_made_anew(archive: Archive) -> None:
    archive.keep([record("/incidents/a", "one")])
    with archive._using() as database:
        database.execute("PRAGMA user_version=99")
    archive.close()
    assert archive.find("/incidents/a") == ()
    archive.keep([record("/incidents/a", "two")])
    assert said(archive, "/incidents/a")
    assert archive.file.name == FILE
