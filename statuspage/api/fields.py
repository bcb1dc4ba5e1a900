"""What may stand in a request's fields?

Texts end in mail headers, feeds and pages, so none holds a control character; times have
an offset, and lie where every engine and calendar can follow. Nothing here looks at a
clock, a socket or a row.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from checks.duration import Duration
from statuspage.rules.words import LONGEST_NAME, LONGEST_TEXT

_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_LONGEST = timedelta(days=365)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


class Asked(BaseModel):
    """A request's body: a field that is not known is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _wrong(kind: str, says: str) -> PydanticCustomError:
    return PydanticCustomError(kind, "{says}", {"says": says})


def _instant(value: object) -> datetime:
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise _wrong("instant", "A time with its offset, like 2026-11-23T14:30:00+01:00")
    try:
        read = datetime.fromisoformat(value.upper())
    except ValueError:
        raise _wrong("instant", "There is no such time") from None
    if not _EARLIEST + timedelta(days=1) < read < _LATEST:
        raise _wrong("instant", "A time between the years 2000 and 2100")
    return read.astimezone(UTC)


def calendar_day(value: object) -> date:
    """A day without a time: the site's zone says when it begins."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise _wrong("day", "A day, like 2026-12-24")
    try:
        read = date.fromisoformat(value)
    except ValueError:
        raise _wrong("day", "There is no such day") from None
    if not _EARLIEST.year <= read.year < _LATEST.year:
        raise _wrong("day", "A day between the years 2000 and 2100")
    return read


def prose(text: str) -> str:
    text = _LINE_END.sub("\n", text).strip()
    if _CONTROL.search(text):
        raise _wrong("control", "Text must not have control characters")
    return text


def line(text: str) -> str:
    text = prose(text)
    if "\n" in text or "\t" in text:
        raise _wrong("line", "Must be one line")
    return text


def filled(text: str) -> str:
    if not text:
        raise _wrong("empty", "Must not be empty")
    return text


def _not_too_long(length: timedelta) -> timedelta:
    if length > _LONGEST:
        raise _wrong("length", "No longer than a year")
    return length


def _spoken(value: Any) -> Any:
    """A list of ids is a table of ids of which no status was said."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return dict.fromkeys(value)
    return value


Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Prose = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(prose)]
Line = Annotated[str, StringConstraints(max_length=LONGEST_NAME), AfterValidator(line)]
Filled = Annotated[Line, AfterValidator(filled)]
Code = Annotated[str, StringConstraints(max_length=64)]
"""An id or a language: whether there is such a one is asked elsewhere."""
Length = Annotated[Duration, AfterValidator(_not_too_long)]
AsListOrTable = BeforeValidator(_spoken)

ThingId = Annotated[str, Path(max_length=64, pattern=r"^[a-z0-9-]+$")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Most = Annotated[int, Query(ge=1, le=500, description="At most so many items")]
Offset = Annotated[int, Query(ge=0, le=2**31 - 1, description="How many to pass over")]
