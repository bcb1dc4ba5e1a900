"""What did we show before we were started, though no database answers yet?

The pages of a revision lie as files in ``state_dir``: each body under the name of its
own SHA-256, and a manifest that names them. Rules that hold inside:

- A file is written beside its place, flushed to the disk and renamed; the manifest
  comes last. A crash at any moment leaves the old set or the new one.
- A set is taken whole or not at all: where one byte is wrong, the set before it is
  taken, whose manifest and bodies are kept.
- ``load`` never raises. ``save`` raises ``SnapshotsNotSaved`` and nothing else; what
  was there before still loads.

Both wait for the disk: call them in a thread.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from statuspage.memory import Page

log = logging.getLogger(__name__)

MANIFEST, PREVIOUS = "manifest.json", "manifest.previous.json"
BODIES = "bodies"
_FORMAT = 1
UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What a damaged manifest can raise: its JSON may be anything."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


class SnapshotsNotSaved(Exception):
    """The disk did not take the pages; those that it had before are still there."""


@dataclass(frozen=True, slots=True)
class Snapshots:
    """All that ``Memory.replace`` needs."""

    pages: tuple[Page, ...]
    gates: frozenset[str]
    shut_gates: frozenset[str]
    revision: int


def load(state_dir: Path) -> Snapshots | None:
    """The newest set that is whole, or None where there is none."""
    for manifest in (state_dir / MANIFEST, state_dir / PREVIOUS):
        if (snapshots := _whole(manifest)) is not None:
            return snapshots
    return None


def save(
    state_dir: Path,
    pages: Iterable[Page],
    *,
    gates: frozenset[str],
    shut_gates: frozenset[str],
    revision: int,
    not_before: int = 0,
) -> None:
    """Keep these pages and no others; only bodies that changed are written. The set before
    is kept too, unless it is older than ``not_before``: then it holds what must be gone.
    """
    snapshots = Snapshots(tuple(pages), gates, shut_gates, revision)
    try:
        (state_dir / BODIES).mkdir(parents=True, exist_ok=True)
        with _alone(state_dir):
            _save(state_dir, snapshots, not_before)
    except OSError as error:
        raise SnapshotsNotSaved(f"{state_dir}: {error.strerror or error}") from error


def _save(state_dir: Path, snapshots: Snapshots, not_before: int) -> None:
    _sweep(state_dir)  # what a killed save left must not be what fills the disk
    try:
        _write_bodies(state_dir / BODIES, snapshots.pages)
        _replace_manifest(state_dir, snapshots, not_before)
    finally:
        _sweep(state_dir)


def _replace_manifest(state_dir: Path, snapshots: Snapshots, not_before: int) -> None:
    manifest, previous = state_dir / MANIFEST, state_dir / PREVIOUS
    before = _whole(manifest)
    if before is not None and before.revision >= not_before:
        _write(previous, manifest.read_bytes())  # a damaged one must not push out the one before
    _write(manifest, _sealed(snapshots))
    if _revision(previous) < not_before:
        previous.unlink(missing_ok=True)
    _flush(state_dir)


def _revision(manifest: Path) -> int:
    """Of a manifest that can be read; else 0."""
    try:
        return int(_unsealed(manifest.read_bytes())["revision"])
    except UNREADABLE:
        return 0


@contextmanager
def _alone(state_dir: Path) -> Iterator[None]:
    """One writer at a time, of all processes; a killed one leaves no lock behind."""
    folder = os.open(state_dir, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _write_bodies(bodies: Path, pages: Iterable[Page]) -> None:
    """Write all, flush all, rename all: one journal for a thousand pages. Flushed one by one
    they would keep the disk, and the store on it, busy for half a minute.
    """
    wanted = {bodies / hashlib.sha256(page.body).hexdigest(): page.body for page in pages}
    fresh = {_beside(file): file for file, body in wanted.items() if not _holds(file, body)}
    for beside, file in fresh.items():
        beside.write_bytes(wanted[file])
    for beside in fresh:
        _flush(beside)
    for beside, file in fresh.items():
        beside.replace(file)
    _flush(bodies)


def _holds(file: Path, body: bytes) -> bool:
    """Compared and not trusted by its name: a body gone bad on the disk is mended."""
    return file.exists() and file.read_bytes() == body


def _write(file: Path, content: bytes) -> None:
    beside = _beside(file)
    try:
        beside.write_bytes(content)
        _flush(beside)
        beside.replace(file)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.{os.getpid()}.new")


def _flush(path: Path) -> None:
    """To the disk; of a folder, its renames."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep(state_dir: Path) -> None:
    """Remove bodies that no manifest names any more, and what was never finished."""
    named = _named(state_dir / MANIFEST) | _named(state_dir / PREVIOUS)
    for file in (state_dir / BODIES).iterdir():
        if file.name not in named:
            file.unlink(missing_ok=True)
    for file in state_dir.glob("manifest*.new"):
        file.unlink(missing_ok=True)


def _named(manifest: Path) -> frozenset[str]:
    """The bodies that a manifest names; none where it cannot be read."""
    try:
        entries = _unsealed(manifest.read_bytes())["pages"]
        return frozenset(str(entry["sha256"]) for entry in entries)
    except UNREADABLE:
        return frozenset()


def _sealed(snapshots: Snapshots) -> bytes:
    """The manifest, with a sum over itself: a flipped bit must not become a wrong page."""
    content = {
        "format": _FORMAT,
        "revision": snapshots.revision,
        "gates": sorted(snapshots.gates),
        "shut_gates": sorted(snapshots.shut_gates),
        "pages": [_entry(page) for page in snapshots.pages],
    }
    sealed = {"sha256": _sum(content), "content": content}
    return json.dumps(sealed, indent=1).encode()


def _unsealed(manifest: bytes) -> dict[str, Any]:
    sealed = json.loads(manifest)
    content: dict[str, Any] = sealed["content"]
    if _sum(content) != sealed["sha256"]:
        raise ValueError("its sum is wrong")
    if content["format"] != _FORMAT:
        raise ValueError(f"format {content['format']} is not ours")
    return content


def _sum(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _entry(page: Page) -> dict[str, Any]:
    return {
        "path": page.path,
        "language": page.language,
        "media_type": page.media_type,
        "status": page.status,
        "max_age": page.max_age,
        "retry_until": page.retry_until.isoformat() if page.retry_until else None,
        "headers": [list(field) for field in page.headers],
        "sha256": hashlib.sha256(page.body).hexdigest(),
    }


def _whole(manifest: Path) -> Snapshots | None:
    """A set, if it is there and nothing of it is damaged."""
    try:
        return _read(manifest) if manifest.exists() else None
    except UNREADABLE as damage:
        log.warning("snapshots: %s is not whole: %s", manifest, damage)
        return None


def _read(manifest: Path) -> Snapshots:
    content = _unsealed(manifest.read_bytes())
    bodies = manifest.parent / BODIES
    return Snapshots(
        pages=tuple(_page(entry, bodies) for entry in content["pages"]),
        gates=frozenset(content["gates"]),
        shut_gates=frozenset(content["shut_gates"]),
        revision=content["revision"],
    )


def _page(entry: Mapping[str, Any], bodies: Path) -> Page:
    until = entry["retry_until"]
    return Page(
        path=entry["path"],
        media_type=entry["media_type"],
        body=_body(bodies, entry["sha256"]),
        language=entry["language"],
        status=entry["status"],
        max_age=entry["max_age"],
        retry_until=datetime.fromisoformat(until) if until else None,
        headers=tuple((name, value) for name, value in entry["headers"]),
    )


def _body(bodies: Path, sha256: str) -> bytes:
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"{sha256!r} names no body")
    body = (bodies / sha256).read_bytes()
    if hashlib.sha256(body).hexdigest() != sha256:
        raise ValueError(f"the body {sha256} is damaged")
    return body
