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
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from statuspage import durable
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


@dataclass(slots=True)
class Written:
    """What a process wrote last, so that it reads none of it again: as long as the manifest on the
    disk is that one, its bodies are there. To be forgotten now and then, for a disk can go bad.
    """

    manifest: bytes = b""
    revision: int = 0
    digests: dict[bytes, str] = field(default_factory=dict)
    """Of each body, by which its file is named."""

    def forget(self) -> None:
        self.manifest, self.revision, self.digests = b"", 0, {}

    def stands(self, manifest: Path) -> bool:
        return bool(self.manifest) and manifest.exists() and manifest.read_bytes() == self.manifest


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
    written: Written | None = None,
) -> None:
    """Keep these pages and no others; only bodies that changed are written. The set before
    is kept too, unless it is older than ``not_before``: then it holds what must be gone.
    """
    snapshots = Snapshots(tuple(pages), gates, shut_gates, revision)
    written = written or Written()
    try:
        (state_dir / BODIES).mkdir(parents=True, exist_ok=True)
        with _alone(state_dir):
            if not written.stands(state_dir / MANIFEST):
                written.forget()
            _save(state_dir, snapshots, not_before, written)
    except OSError as error:
        written.forget()
        raise SnapshotsNotSaved(f"{state_dir}: {error.strerror or error}") from error


def _save(state_dir: Path, snapshots: Snapshots, not_before: int, written: Written) -> None:
    before = dict(written.digests)
    if not before:
        _sweep(state_dir)  # what a killed save left must not be what fills the disk
    digests = {
        page.body: before.get(page.body) or hashlib.sha256(page.body).hexdigest()
        for page in snapshots.pages
    }
    try:
        fresh = {name: body for body, name in digests.items() if body not in before}
        durable.write_all(state_dir / BODIES, fresh)
        _replace_manifest(state_dir, snapshots, digests, not_before, written)
    except BaseException:
        _sweep(state_dir)
        raise
    is_kept = bool(before) and (state_dir / PREVIOUS).exists()
    named = {*digests.values(), *before.values()} if is_kept else None
    _sweep(state_dir, named)


def _replace_manifest(
    state_dir: Path,
    snapshots: Snapshots,
    digests: Mapping[bytes, str],
    not_before: int,
    written: Written,
) -> None:
    manifest, previous = state_dir / MANIFEST, state_dir / PREVIOUS
    if written.manifest:
        before, revision = written.manifest, written.revision
    else:  # a damaged one must not push out the one before
        whole = _whole(manifest)
        before, revision = (manifest.read_bytes(), whole.revision) if whole else (b"", 0)
    if before and revision >= not_before:
        durable.write(previous, before)
    elif _revision(previous) < not_before:
        previous.unlink(missing_ok=True)
    sealed = _sealed(snapshots, digests)
    durable.write(manifest, sealed)
    durable.flush(state_dir)
    written.manifest, written.revision = sealed, snapshots.revision
    written.digests = dict(digests)


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


def _sweep(state_dir: Path, named: Collection[str] | None = None) -> None:
    """Remove bodies that no manifest names any more, and what was never finished. ``named``: what
    they name, where that is known.
    """
    if named is None:
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


def _sealed(snapshots: Snapshots, digests: Mapping[bytes, str]) -> bytes:
    """The manifest, with a sum over itself: a flipped bit must not become a wrong page."""
    content = {
        "format": _FORMAT,
        "revision": snapshots.revision,
        "gates": sorted(snapshots.gates),
        "shut_gates": sorted(snapshots.shut_gates),
        "pages": [_entry(page, digests[page.body]) for page in snapshots.pages],
    }
    sealed = {"sha256": _sum(content), "content": content}
    return json.dumps(sealed).encode()


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


def _entry(page: Page, sha256: str) -> dict[str, Any]:
    return {
        "path": page.path,
        "language": page.language,
        "media_type": page.media_type,
        "status": page.status,
        "max_age": page.max_age,
        "retry_until": page.retry_until.isoformat() if page.retry_until else None,
        "headers": [list(field) for field in page.headers],
        "sha256": sha256,
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
