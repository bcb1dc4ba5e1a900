"""Can a colour of the company's be read on our paper, by day and by night?

WCAG 2.2, 1.4.3 (AA): 4.5 to 1 between text and what is behind it. The accent is text on each
of our surfaces and, with paper for its text, a button; so it is measured against them all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from statuspage.settings.mistakes import Wrong

ENOUGH = 4.5
BY_DAY = ("#fbfaf7", "#ffffff", "#f3f0e8")
BY_NIGHT = ("#14181b", "#1a2024", "#252d32")
"""The sheet's paper, card and tint; a test holds the two together."""

_COLOUR = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})")
_STEPS = 100

_Channels = tuple[int, int, int]


def by_day(colour: str) -> str:
    """``#0b5fa5``, or nothing. Raises ``Wrong`` for one that is too light for our paper."""
    return _readable(colour, BY_DAY, "too light to be read on light paper", "a darker one")


def by_night(colour: str) -> str:
    """The same, where dark is preferred."""
    return _readable(colour, BY_NIGHT, "too dark to be read on dark paper", "a lighter one")


def contrast(one: str, other: str) -> float:
    """1 to 21 (WCAG 2.2, "contrast ratio")."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def shade(colour: str, papers: Sequence[str]) -> str:
    """The colour, or its nearest shade that can be read on all of these."""
    target = (0, 0, 0) if _luminance(papers[0]) > 0.5 else (255, 255, 255)
    mixed = (_mix(_channels(colour), target, step / _STEPS) for step in range(_STEPS + 1))
    return next(one for one in mixed if _worst(one, papers) >= ENOUGH)


def _readable(colour: str, papers: Sequence[str], fault: str, other: str) -> str:
    if not colour:
        return ""
    told = _spelled(colour)
    found = _worst(told, papers)
    if found < ENOUGH:
        # down, so that 4.47 is not told as the 4.5 that it lacks
        told_as = f"{int(found * 10) / 10} to 1, of {ENOUGH}"
        raise Wrong(f"{{value}} is {fault} ({told_as})", f"{other}, like {shade(told, papers)}")
    return told


def _spelled(colour: str) -> str:
    found = _COLOUR.fullmatch(colour.strip().lower())
    if found is None:
        raise Wrong("{value} is not a colour", "six hexadecimal digits, like #0b5fa5")
    digits = found[1]
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def _worst(colour: str, papers: Sequence[str]) -> float:
    return min(contrast(colour, paper) for paper in papers)


def _luminance(colour: str) -> float:
    """Relative, 0 to 1 (WCAG 2.2)."""
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _channels(colour: str) -> _Channels:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mix(colour: _Channels, target: _Channels, share: float) -> str:
    mixed = (round(own + (end - own) * share) for own, end in zip(colour, target, strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)
