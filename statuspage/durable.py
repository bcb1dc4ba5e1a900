"""How do bytes come to the disk so that a crash leaves the old ones or the new?

Written beside their place, flushed, renamed; and what a crash leaves beside ends with ``.new``.
Raises ``OSError`` where the disk does not take them. All of it waits for the disk.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def write(file: Path, content: bytes) -> None:
    """One file. That it bears its name is sure once its folder is flushed."""
    beside = _beside(file)
    try:
        beside.write_bytes(content)
        flush(beside)
        beside.replace(file)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def write_all(folder: Path, named: Mapping[str, bytes]) -> None:
    """Write all, flush all, rename all: one journal for a thousand files. Flushed one by one
    they would keep the disk, and the store on it, busy for half a minute.
    """
    wanted = {folder / name: content for name, content in named.items()}
    fresh = {_beside(file): file for file, content in wanted.items() if not _holds(file, content)}
    for beside, file in fresh.items():
        beside.write_bytes(wanted[file])
    for beside in fresh:
        flush(beside)
    for beside, file in fresh.items():
        beside.replace(file)
    flush(folder)


def flush(path: Path) -> None:
    """To the disk; of a folder, its renames."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _holds(file: Path, content: bytes) -> bool:
    """Compared and not trusted by its name: what has gone bad on the disk is mended."""
    return file.exists() and file.read_bytes() == content


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.{os.getpid()}.new")
