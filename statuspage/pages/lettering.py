"""How wide is a text, where nobody can measure it?

A picture names the width of its text before any browser has seen it, and the browser fits
the letters into it. So a rough measure will do: that of Verdana, whose like every system has.
"""

from __future__ import annotations

import math
import unicodedata

SIZE = 11
"""Pixels of a letter's height, as badges have it."""

_EMS = {
    "ijl": 0.29,
    "I.,:;'’|![]ft ()-/": 0.4,
    "rJ": 0.44,
    "acegkosvxyzLFT?": 0.58,
    "mwMW%@": 0.92,
    "ABCEKPRSVXYZ": 0.67,
    "DGHNOQU&": 0.76,
}
_WIDTHS = {letter: ems for letters, ems in _EMS.items() for letter in letters}
_USUAL, _WIDE, _BOLD = 0.63, 1.0, 1.12
_NO_WIDTH = {"Mn", "Me", "Cf"}


def width(text: str, *, bold: bool = False) -> int:
    """Pixels, rounded up."""
    ems = sum(map(_ems, text)) * (_BOLD if bold else 1)
    return max(1, math.ceil(SIZE * ems))


def _ems(letter: str) -> float:
    if letter in _WIDTHS:
        return _WIDTHS[letter]
    if unicodedata.category(letter) in _NO_WIDTH:
        return 0
    return _WIDE if unicodedata.east_asian_width(letter) in "WF" else _USUAL


def shortened(text: str, most: int) -> str:
    """Its beginning, with a sign that there was more."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
