"""How does a text travel in seven bits, and take in what is one reader's own?

Quoted-printable (RFC 2045 6.7), encoded once for all readers of a letter, with the personal
places left open. What is put in stands between soft line breaks of its own, so that it
makes no line too long and nothing around it has to be encoded anew. No line begins with a dot,
so that none has to be doubled for each reader (RFC 5321 4.5.2).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from notifications.plain import PLACE, one_line

_SOFT = b"=\r\n"
_AS_IT_IS = re.compile(r"(?!\.)[!-<>-~]{1,75}")
"""What stands for itself: printable ASCII but ``=``, with room for a soft break's on the line."""
_DOTS = re.compile(rb"^\.+", re.MULTILINE)
_TOO_LONG = re.compile(rb"^(.{74,})(=[0-9A-F]{2})$", re.MULTILINE)
"""binascii counts a blank at a line's end as one, and then writes three for it."""
_TO_ESCAPE = re.compile(r"[&<>\"']")


@dataclass(frozen=True, slots=True)
class Quoted:
    """``pieces`` are encoded; between two of them stands the place that ``names`` names."""

    pieces: tuple[bytes, ...]
    names: tuple[str, ...]
    is_html: bool

    def filled(self, values: Mapping[str, str]) -> bytes:
        """Raises ``KeyError`` for a place that nobody gave."""
        if not self.names:
            return self.pieces[0]
        parts = [self.pieces[0]]
        for name, piece in zip(self.names, self.pieces[1:], strict=True):
            parts += (self._value(values[name]), piece)
        return b"".join(parts)

    def _value(self, value: str) -> bytes:
        if self.is_html and _TO_ESCAPE.search(value):
            value = escape(value)
        if _AS_IT_IS.fullmatch(value):
            return value.encode("ascii")
        return _encoded(one_line(value))


def quoted(text: str, *, is_html: bool = False) -> Quoted:
    """Lines end in CRLF, the last one too."""
    lines = re.sub(r"\r\n?", "\n", text)
    parts = PLACE.split(lines if lines.endswith("\n") else lines + "\n")
    between, names = parts[::2], tuple(parts[1::2])
    last = len(names)
    pieces = (
        _piece(piece, after_place=n > 0, before_place=n < last) for n, piece in enumerate(between)
    )
    return Quoted(tuple(pieces), names, is_html)


def _piece(text: str, *, after_place: bool, before_place: bool) -> bytes:
    """With the soft breaks that keep a place on a line of its own."""
    begins_line = text.startswith("\n") or not (text and after_place)
    ends_line = text.endswith("\n") or not (text or after_place)
    opens = b"" if begins_line else _SOFT
    closes = b"" if ends_line or not before_place else _SOFT
    return opens + _encoded(text) + closes


def _encoded(text: str) -> bytes:
    raw = text.replace("\n", "\r\n").encode()
    encoded = binascii.b2a_qp(raw, istext=True).replace(b"\r\n", b"\n")
    encoded = _with_room(_TOO_LONG.sub(rb"\1=\n\2", encoded))
    # each on a line of its own: what follows may fill a whole one
    dotless = _DOTS.sub(lambda dots: b"=2E=\n" * len(dots[0]), encoded)
    return dotless.replace(b"\n", b"\r\n")


def _with_room(encoded: bytes) -> bytes:
    """The last line has room for the soft break that may follow it."""
    before, newline, last = encoded.rpartition(b"\n")
    if len(last) < 76:
        return encoded
    cut = 72
    while b"=" in last[cut - 2 : cut]:  # never inside ``=2E``
        cut -= 1
    return before + newline + last[:cut] + b"=\n" + last[cut:]
