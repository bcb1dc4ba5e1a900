"""What do we tell about a value that a model refused?

One finding for each place, in plain words. The value is quoted unless it is a secret by
its field, or came from the environment or a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from checks.duration import ALLOWED as DURATION
from statuspage.settings.mistakes import Finding, KeyPath, Wrong, nearest
from statuspage.settings.schema import is_secret, known_at

_WORDS = {
    "bool": ("{value} is not true or false", "true or false"),
    "dict": ("{value} is not a table", "a table of keys and values"),
    "duration": ("{value} is not a duration", DURATION),
    "finite": ("{value} is not a number", "a number"),
    "float": ("{value} is not a number", "a number"),
    "greater_than": ("{value} is too small", "more than {gt}"),
    "greater_than_equal": ("{value} is too small", "{ge} or more"),
    "int": ("{value} is not a whole number", "a whole number"),
    "less_than": ("{value} is too large", "less than {lt}"),
    "less_than_equal": ("{value} is too large", "{le} or less"),
    "list": ("{value} is not a list", "a list in brackets"),
    "literal_error": ("{value} is not known here", "{expected}"),
    "mapping": ("{value} is not a table", "a table of keys and values"),
    "model": ("{value} is not a table", "a table of keys and values"),
    "path": ("{value} is not text", "text in quotes"),
    "string": ("{value} is not text", "text in quotes"),
    "too_short": ("is empty", "at least {min_length}"),
    "tuple": ("{value} is not a list", "a list in brackets"),
}


def findings(
    error: ValidationError,
    model: type[BaseModel],
    document: Any,
    *,
    hidden: frozenset[KeyPath] = frozenset(),
    also: tuple[str, ...] = (),
) -> Iterator[Finding]:
    """What ``model`` refused in ``document``, with paths that begin there.

    ``hidden``: paths whose values are not to be quoted; ``also``: keys that the outermost
    table may have beside those of the model.
    """
    told: set[KeyPath] = set()
    for details in error.errors(include_url=False):
        path = _trim(details["loc"], document, missing=details["type"] == "missing")
        # the second branch of a union, or a list that only lacks its mistaken members
        if path in told or _is_long_enough(details):
            continue
        told.add(path)
        if details["type"] == "extra_forbidden":
            known = [*known_at(model, path[:-1]), *(also if len(path) == 1 else ())]
            yield _unknown(path, known)
        else:
            secret = path in hidden or is_secret(model, path)
            yield _explain(details, path, model, secret)


def _is_long_enough(details: ErrorDetails) -> bool:
    if details["type"] != "too_short":
        return False
    return len(details["input"]) >= int(details.get("ctx", {}).get("min_length", 0))


def _trim(loc: tuple[int | str, ...], document: Any, *, missing: bool) -> KeyPath:
    """Without the steps that pydantic adds for branches of a union and for keys."""
    path: KeyPath = ()
    for step in loc[:-1] if missing else loc:
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            break
        path = (*path, step)
    return (*path, loc[-1]) if missing else path


def _unknown(path: KeyPath, known: list[str]) -> Finding:
    hint = nearest(str(path[-1]), known)
    return Finding(path, "is an unknown key" + hint, ", ".join(sorted(known)))


def _explain(details: ErrorDetails, path: KeyPath, model: Any, secret: bool) -> Finding:
    if details["type"] == "missing":
        field = known_at(model, path[:-1]).get(str(path[-1]))
        return Finding(path, "is missing", (field and field.description) or "")
    what, allowed = _words(details)
    value = details["input"]
    if secret:
        return Finding(path, _mask(what.replace("{value}", "the value"), value), allowed)
    return Finding(path, what.replace("{value}", _quote(value)), allowed)


def _words(details: ErrorDetails) -> tuple[str, str]:
    kind, context = details["type"], details.get("ctx", {})
    cause = context.get("error")
    if isinstance(cause, Wrong):
        return cause.what, cause.allowed
    for name in (kind, kind.partition("_")[0]):
        if name in _WORDS:
            what, allowed = _WORDS[name]
            return what, allowed.format(**context)
    return "{value} is wrong: " + (str(cause) if cause else details["msg"]), ""


def _quote(value: object) -> str:
    if isinstance(value, (list, dict)):
        return "the list" if isinstance(value, list) else "the table"
    if isinstance(value, (str, int, float)):
        text = json.dumps(value, ensure_ascii=False)
        return text if len(text) <= 100 else text[:99] + "…"
    return str(value)


def _mask(words: str, value: object) -> str:
    """A kind's own words may quote what it was given: whole, or the login out of a URL."""
    if not isinstance(value, str):
        return words
    for piece in (value, *_login(value)):
        words = words.replace(piece, "…") if piece else words
    return words


def _login(url: str) -> tuple[str, ...]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ()
    return parts.netloc, parts.password or ""
