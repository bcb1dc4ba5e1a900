"""Does an answer hold what the settings expect?

Nothing here looks at a clock, a socket or a row. An answer's values are quoted to
operators only when they are short and plain.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from checks.faults import Failure
from checks.result import Fault
from checks.wire import MOST_BYTES, Answer

_MISSING: Any = object()
ZLIB_OR_GZIP = 47  # zlib's name for: whichever of the two the first bytes show


def readable(answer: Answer) -> str:
    """The body as text; packed ones are unpacked, by no more than what we read of plain ones."""
    body = answer.body
    encoding = answer.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("gzip", "x-gzip", "deflate"):
        try:
            body = zlib.decompressobj(ZLIB_OR_GZIP).decompress(body, MOST_BYTES)
        except zlib.error:
            raise Failure(Fault.PROTOCOL_ERROR, "The answer can't be unpacked.") from None
    elif encoding not in ("", "identity"):
        says = "The answer is compressed, though that was not asked for."
        raise Failure(Fault.WRONG_CONTENT, says)
    return body.decode(answer.charset, errors="replace")


def json_difference(text: str, answer: Answer, expected: Mapping[str, JsonValue]) -> str | None:
    """One sentence on the first value that is not as expected; None when all are."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        if answer.is_cut:
            return "The answer is longer than a megabyte, so no JSON could be read from it."
        return "The answer is not JSON."
    for path, value in expected.items():
        found = _at(document, path)
        if found is _MISSING:
            return f'The JSON answer has no "{path}".'
        if not _same(found, value):
            return f'The JSON answer has "{path}": {_quoted(found)}, expected {_quoted(value)}.'
    return None


def _at(document: Any, path: str) -> Any:
    """Follow "a.0.b" through objects and lists; a key may itself hold dots if all match it."""
    for step in path.split("."):
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return _MISSING
    return document


def _same(found: Any, expected: JsonValue) -> bool:
    """Equal as JSON: Python holds that True == 1, JSON does not."""
    if isinstance(found, bool) or isinstance(expected, bool):
        return found is expected
    return bool(found == expected)


def _quoted(value: Any) -> str:
    if isinstance(value, dict | list):
        return "something else" if value else json.dumps(value)
    written = json.dumps(value, ensure_ascii=False)
    return written if len(written) <= 40 else "a long text"
