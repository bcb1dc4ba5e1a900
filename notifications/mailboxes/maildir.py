"""How is a Maildir read, while mail servers and people use it too?

New mail lies in ``new``; what was looked at moves to ``cur``, as every mail program does it,
with the mark of having been seen when it was ours. Who writes into ``new`` without going
through ``tmp`` is given two seconds to end. Two of us may read at once: whoever moves a file
first has it, and the other finds it gone.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from notifications.bounce import MOST_BYTES
from notifications.channel import Unreachable
from notifications.mailbox import Mail

STILL_FOR_S = 2.0


class Maildir:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fetch(self, most: int, since: datetime) -> Sequence[Mail] | Unreachable:
        try:
            files = sorted((self._folder / "new").iterdir())
        except OSError as error:
            return Unreachable(f"the Maildir cannot be read: {error.strerror}", ours=True)
        found: list[Mail] = []
        for file in files:
            if len(found) == most:
                break
            found.extend(_read(file, since.timestamp()))
        return found

    def settle(self, keys: Sequence[str], *, ours: bool) -> None:
        cur = self._folder / "cur"
        cur.mkdir(exist_ok=True)
        for name in keys:
            unique = name.partition(":")[0]
            place = cur / f"{unique}:2,{'S' if ours else ''}"
            for n in range(1, 1000):
                if not os.path.lexists(place):
                    break
                place = cur / f"{unique}.{n}:2,{'S' if ours else ''}"
            _move(self._folder / "new" / name, place)

    def close(self) -> None:
        """Nothing is held."""


def _read(file: Path, since: float) -> Iterator[Mail]:
    """One, or none: it is old, or still being written, somebody else has it, or it is no mail."""
    if file.name.startswith("."):
        return
    try:
        about = file.lstat()
        in_hand = 0 <= time.time() - about.st_mtime < STILL_FOR_S
        if not stat.S_ISREG(about.st_mode) or in_hand or about.st_mtime < since:
            return
        with file.open("rb") as opened:
            yield Mail(file.name, opened.read(MOST_BYTES))
    except OSError:
        return


def _move(file: Path, place: Path) -> None:
    try:
        file.rename(place)
    except FileNotFoundError:
        return  # another of us was quicker
