"""How is a length of time written in settings?

As a decimal number and a unit, ``500ms``, ``15s``, ``1.5h``: any positive value is legal,
however short, and the unit is never left out. Nothing here looks at a clock.
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

MICROSECONDS = {
    "ms": 1_000,
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
}
ALLOWED = 'a positive number and ms, s, m, h or d, such as "500ms", "15s" or "1.5h"'
_WRITTEN = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?)(ms|s|m|h|d)", re.ASCII)


def parse(text: str) -> timedelta:
    """Read ``"1.5h"``; raises ValueError saying what is allowed. Finest step: a microsecond."""
    written = _WRITTEN.fullmatch(text.strip())
    if written is None:
        raise ValueError(f"allowed is {ALLOWED}")
    number, unit = written.groups()
    try:
        return _positive(timedelta(microseconds=int(Decimal(number) * MICROSECONDS[unit])))
    except OverflowError:
        raise ValueError("longer than 2.7 million years; a shorter time is needed") from None


def spell(length: timedelta) -> str:
    """Write a length in the largest unit that needs no fraction: 90 minutes are ``"90m"``."""
    total = length // timedelta(microseconds=1)
    for unit, size in reversed(MICROSECONDS.items()):
        if total % size == 0:
            return f"{total // size}{unit}"
    return f"{Decimal(total) / MICROSECONDS['ms']}ms"


def _positive(length: timedelta) -> timedelta:
    if length <= timedelta(0):
        raise ValueError(f"must be longer than zero: {ALLOWED}")
    return length


def _read(value: object) -> timedelta:
    try:
        if isinstance(value, timedelta):
            return _positive(value)
        if isinstance(value, str):
            return parse(value)
    except ValueError as wrong:
        raise PydanticCustomError("duration", "{why}", {"why": str(wrong)}) from None
    raise PydanticCustomError("duration", "{why}", {"why": f"allowed is {ALLOWED}"})


Duration = Annotated[
    timedelta,
    BeforeValidator(_read),
    PlainSerializer(spell, return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{_WRITTEN.pattern}$", "examples": ["15s"]}),
]
