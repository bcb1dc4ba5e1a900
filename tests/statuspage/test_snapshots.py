"""Whatever happens to the process or the disk, some whole set of pages loads."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from statuspage import snapshots
from statuspage.memory import Memory, Page
from statuspage.snapshots import Snapshots, SnapshotsNotSaved, Written, load, save

UNTIL = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
FULL = Page(
    path="/notice/caffè",
    media_type="text/html",
    body=b"<p>\xc3\xa8\x00\xff",
    language="it",
    status=503,
    max_age=None,
    retry_until=UNTIL,
    headers=(("X-One", "1"), ("X-Two", "zwei")),
)


def keep(folder: Path, revision: int, *pages: Page) -> None:
    save(
        folder,
        pages,
        gates=frozenset({"shop", "mail"}),
        shut_gates=frozenset({"shop"}),
        revision=revision,
    )


def page(path: str, body: bytes) -> Page:
    return Page(path, "text/html", body)


def shown(folder: Path) -> tuple[int, dict[str, bytes]] | None:
    found = load(folder)
    if found is None:
        return None
    return found.revision, {one.path: one.body for one in found.pages}


def bodies(folder: Path) -> set[bytes]:
    return {file.read_bytes() for file in (folder / snapshots.BODIES).iterdir()}


def test_what_is_saved_is_what_loads(tmp_path: Path) -> None:
    keep(tmp_path / "a" / "b", 7, FULL, page("/", b""))
    assert load(tmp_path / "a" / "b") == Snapshots(
        (FULL, page("/", b"")), frozenset({"shop", "mail"}), frozenset({"shop"}), 7
    )


async def test_what_loads_can_be_shown(tmp_path: Path) -> None:
    keep(tmp_path, 7, FULL)
    found, memory = load(tmp_path), Memory()
    assert found
    await memory.replace(
        found.pages, gates=found.gates, shut_gates=found.shut_gates, revision=found.revision
    )
    assert memory.pages["/notice/caffè"][0].page == FULL
    assert memory.shut_gates == {"shop"}


def test_nothing_is_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert load(tmp_path) is None
    assert load(tmp_path / "not there") is None
    (tmp_path / "a file").touch()
    assert load(tmp_path / "a file") is None
    assert not caplog.records


def test_only_what_changed_is_written_and_what_nobody_names_is_removed(tmp_path: Path) -> None:
    keep(tmp_path, 1, page("/", b"one"), page("/a", b"same"))
    same = next(f for f in (tmp_path / snapshots.BODIES).iterdir() if f.read_bytes() == b"same")
    before = same.stat().st_mtime_ns, same.stat().st_ino
    keep(tmp_path, 2, page("/", b"two"), page("/a", b"same"))
    keep(tmp_path, 3, page("/", b"three"), page("/a", b"same"))
    assert (same.stat().st_mtime_ns, same.stat().st_ino) == before
    assert bodies(tmp_path) == {b"two", b"three", b"same"}
    assert {file.name for file in tmp_path.iterdir()} == {
        snapshots.BODIES,
        snapshots.MANIFEST,
        snapshots.PREVIOUS,
    }


def test_a_body_gone_bad_is_mended_by_the_next_save(tmp_path: Path) -> None:
    keep(tmp_path, 1, page("/", b"right"))
    next((tmp_path / snapshots.BODIES).iterdir()).write_bytes(b"wrong")
    keep(tmp_path, 2, page("/", b"right"))
    assert shown(tmp_path) == (2, {"/": b"right"})


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda content: content[: len(content) // 2],
    "empty": lambda _: b"",
    "a bit flipped": lambda content: content.replace(b'"status": 200', b'"status": 201'),
    "zeros": lambda content: bytes(len(content)),
    "a list": lambda _: b"[]",
    "a number": lambda _: b"7",
    "null inside": lambda _: b'{"content": null, "sha256": null}',
    "deep": lambda _: b"[" * 100_000,
    "not text": lambda _: b"\xff\xfe\xfd",
    "another format": lambda content: content.replace(b'"format": 1', b'"format": 2'),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_manifest_is_refused_and_the_set_before_it_is_shown(
    damage: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keep(tmp_path, 1, page("/", b"one"))
    keep(tmp_path, 2, page("/", b"two"))
    manifest = tmp_path / snapshots.MANIFEST
    manifest.write_bytes(DAMAGES[damage](manifest.read_bytes()))
    assert shown(tmp_path) == (1, {"/": b"one"})
    assert "is not whole" in caplog.text


@pytest.mark.parametrize("damage", ["changed", "cut", "gone", "a folder"])
def test_one_damaged_body_and_no_page_of_its_set_is_shown(damage: str, tmp_path: Path) -> None:
    keep(tmp_path, 1, page("/", b"one"), page("/a", b"same"))
    keep(tmp_path, 2, page("/", b"two"), page("/a", b"same"))
    body = next(f for f in (tmp_path / snapshots.BODIES).iterdir() if f.read_bytes() == b"two")
    body.unlink()
    if damage == "a folder":
        body.mkdir()
    elif damage != "gone":
        body.write_bytes({"changed": b"twO", "cut": b"tw"}[damage])
    assert shown(tmp_path) == (1, {"/": b"one", "/a": b"same"})


def test_where_nothing_is_whole_there_is_nothing(tmp_path: Path) -> None:
    keep(tmp_path, 1, page("/", b"one"))
    keep(tmp_path, 2, page("/", b"two"))
    for manifest in (snapshots.MANIFEST, snapshots.PREVIOUS):
        (tmp_path / manifest).write_bytes(b"{")
    assert load(tmp_path) is None
    keep(tmp_path, 3, page("/", b"three"))
    assert shown(tmp_path) == (3, {"/": b"three"})


def test_a_manifest_cannot_point_out_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    forged = {
        "format": 1,
        "revision": 1,
        "gates": [],
        "shut_gates": [],
        "pages": [snapshots._entry(page("/", b""), "") | {"sha256": "../../secret"}],
    }
    folder = tmp_path / "state"
    (folder / snapshots.BODIES).mkdir(parents=True)
    sealed = json.dumps({"content": forged, "sha256": snapshots._sum(forged)})
    (folder / snapshots.MANIFEST).write_text(sealed)
    assert load(folder) is None


def test_a_damaged_set_does_not_push_out_the_one_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(tmp_path, 1, page("/", b"one"))
    keep(tmp_path, 2, page("/", b"two"))
    (tmp_path / snapshots.MANIFEST).write_bytes(b"{")

    def full(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(snapshots, "_sealed", full)
    with pytest.raises(SnapshotsNotSaved, match="No space left"):
        keep(tmp_path, 3, page("/", b"three"))
    assert shown(tmp_path) == (1, {"/": b"one"})


def test_a_folder_that_is_no_folder_is_said_clearly(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SnapshotsNotSaved, match="file"):
        keep(tmp_path / "file", 1, page("/", b"one"))


def test_a_full_disk_is_said_and_the_old_pages_stay(small_disk: Path) -> None:
    keep(small_disk, 1, page("/", b"one"))
    for _ in range(3):
        many = [page(f"/{n}", random.randbytes(100_000)) for n in range(40)]
        with pytest.raises(SnapshotsNotSaved, match="No space left"):
            keep(small_disk, 2, *many)
        assert shown(small_disk) == (1, {"/": b"one"})
    assert bodies(small_disk) == {b"one"}
    keep(small_disk, 3, page("/", b"three"))
    assert shown(small_disk) == (3, {"/": b"three"})


@pytest.mark.parametrize("left", range(0, 40_000, 4096))
def test_full_at_any_point_the_old_set_or_the_new_one_loads(small_disk: Path, left: int) -> None:
    old = {f"/{n}": random.randbytes(5_000) for n in range(4)}
    keep(small_disk, 1, *(page(path, body) for path, body in old.items()))
    free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    (small_disk / "ballast").write_bytes(bytes(max(free - left, 0)))
    new = {f"/{n}": random.randbytes(5_000) for n in range(4)}
    try:
        keep(small_disk, 2, *(page(path, body) for path, body in new.items()))
    except SnapshotsNotSaved:
        assert shown(small_disk) == (1, old)
    else:
        assert shown(small_disk) == (2, new)


def keep_on(folder: Path, written: Written, revision: int, *pages: Page, **more: int) -> None:
    snapshots.save(
        folder,
        pages,
        gates=frozenset(),
        shut_gates=frozenset(),
        revision=revision,
        written=written,
        **more,
    )


def test_who_wrote_the_last_set_reads_nothing_of_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, same = Written(), page("/a", b"same")
    keep_on(tmp_path, written, 1, page("/", b"one"), same)
    keep_on(tmp_path, written, 2, page("/", b"two"), same)
    read = list[str]()
    really = Path.read_bytes

    def noted(file: Path) -> bytes:
        read.append(file.name)
        return really(file)

    monkeypatch.setattr(Path, "read_bytes", noted)
    keep_on(tmp_path, written, 3, page("/", b"three"), same)
    assert set(read) == {snapshots.MANIFEST}
    monkeypatch.undo()
    assert shown(tmp_path) == (3, {"/": b"three", "/a": b"same"})
    assert bodies(tmp_path) == {b"two", b"three", b"same"}
    (tmp_path / snapshots.MANIFEST).unlink()
    assert shown(tmp_path) == (2, {"/": b"two", "/a": b"same"})


def test_what_another_process_wrote_meanwhile_is_looked_at(tmp_path: Path) -> None:
    written = Written()
    keep_on(tmp_path, written, 1, page("/", b"one"), page("/a", b"same"))
    for revision in (2, 3, 4):
        keep(tmp_path, revision, page("/", b"theirs"))
    assert bodies(tmp_path) == {b"theirs"}
    keep_on(tmp_path, written, 5, page("/", b"one"), page("/a", b"same"))
    assert shown(tmp_path) == (5, {"/": b"one", "/a": b"same"})


def test_after_a_save_that_failed_nothing_is_taken_for_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Written()
    keep_on(tmp_path, written, 1, page("/", b"one"))
    with monkeypatch.context() as full:
        full.setattr(snapshots, "_sealed", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
        with pytest.raises(SnapshotsNotSaved):
            keep_on(tmp_path, written, 2, page("/", b"two"))
    assert shown(tmp_path) == (1, {"/": b"one"})
    keep_on(tmp_path, written, 3, page("/", b"two"))
    assert shown(tmp_path) == (3, {"/": b"two"})


def test_a_set_that_must_be_gone_is_gone_whoever_wrote_it(tmp_path: Path) -> None:
    written = Written()
    keep_on(tmp_path, written, 1, page("/", b"a name"))
    keep_on(tmp_path, written, 2, page("/", b"erased"), not_before=2)
    assert bodies(tmp_path) == {b"erased"}
    assert not (tmp_path / snapshots.PREVIOUS).exists()


SAVING = """
import sys
from pathlib import Path
from statuspage.memory import Page
from statuspage.snapshots import Written, save
written = Written()
revision = int(sys.argv[2])
print("ready", flush=True)
while True:
    revision += 1
    pages = [Page(f"/{n}", "text/html", b"%d of %d" % (n, revision) * 500) for n in range(8)]
    save(Path(sys.argv[1]), pages, gates=frozenset(), shut_gates=frozenset(), revision=revision,
         written=written)
"""


def test_killed_at_any_moment_a_whole_set_loads(tmp_path: Path) -> None:
    chance, revision = random.Random(7), 0
    for _ in range(12):
        saving = subprocess.Popen(
            [sys.executable, "-c", SAVING, str(tmp_path), str(revision)], stdout=subprocess.PIPE
        )
        assert saving.stdout
        saving.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            saving.wait(chance.uniform(0.02, 0.12))
        saving.send_signal(signal.SIGKILL)
        saving.communicate()
        found = shown(tmp_path)
        if found is not None:
            assert found[0] >= revision
            revision, pages = found
            assert pages == {f"/{n}": b"%d of %d" % (n, revision) * 500 for n in range(8)}
    assert revision > 0
    keep(tmp_path, revision + 1, page("/", b"alive"))
    keep(tmp_path, revision + 2, page("/", b"alive"))
    assert bodies(tmp_path) == {b"alive"}
    names = [file.name for file in tmp_path.iterdir()]
    assert not [
        name for name in names if not re.fullmatch(r"bodies|manifest(\.previous)?\.json", name)
    ]
