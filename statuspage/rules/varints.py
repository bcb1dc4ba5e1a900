"""How are many small numbers written in few bytes?

Seven bits a byte, the lowest first; the eighth says that more follow (LEB128, as in DWARF and
Protocol Buffers). What is written one after the other can be read without a separator, so that
a row grows by appending.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def written(numbers: Iterable[int]) -> bytes:
    """Whole numbers, none below zero."""
    out = bytearray()
    for number in numbers:
        rest = number
        while rest > 0x7F:
            out.append(rest & 0x7F | 0x80)
            rest >>= 7
        out.append(rest)
    return bytes(out)


def read(data: bytes) -> Iterator[int]:
    """In the order in which they were written; an end that was cut off is left out."""
    number = shift = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        if byte > 0x7F:
            shift += 7
            continue
        yield number
        number = shift = 0
