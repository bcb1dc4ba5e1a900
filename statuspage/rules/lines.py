"""Where does each line of a file end, when the file comes in pieces cut anywhere?

At LF, CRLF or CR, whichever the program that wrote it is used to. Memory holds one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_LINE = 100_000
"""Bytes."""


@dataclass(slots=True)
class Lines:
    """Of a line that is too long only the beginning is kept."""

    _rest: bytes = b""
    _number: int = 0

    def cut(self, piece: bytes) -> Iterator[tuple[int, bytes]]:
        """The lines that are whole by now, with their numbers from 1 on."""
        whole = (self._rest + piece).splitlines(keepends=True)
        # after a CR its LF may come with the next piece
        self._rest = whole.pop() if whole and not whole[-1].endswith(b"\n") else b""
        if len(self._rest) > LONGEST_LINE:
            tail = b"\r" if self._rest.endswith(b"\r") else b""
            self._rest = self._rest[: LONGEST_LINE + 1] + tail
        for line in whole:
            self._number += 1
            yield self._number, line.rstrip(b"\r\n")

    def end(self) -> Iterator[tuple[int, bytes]]:
        if self._rest:
            yield from self.cut(b"\n")
