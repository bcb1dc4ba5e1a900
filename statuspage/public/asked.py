"""What did a visitor send?

A form as browsers send it, urlencoded or multipart, or the same fields as JSON. Nothing is
believed beyond its shape; what has another shape is as good as not sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from statuspage.errors import Fault, Invalid
from statuspage.rules import subscriptions
from statuspage.settings import Settings

_MOST_COMPONENTS = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """``is_json``: a program sent it, and is answered as one."""

    address: str = ""
    language: str | None = None
    components: tuple[str, ...] = ()
    is_json: bool = False

    def chosen_of(self, settings: Settings) -> list[str]:
        """The components wished for; what is not public is not on offer. Raises ``Invalid``."""
        offered = [component.id for component in settings.components if component.public]
        chosen = subscriptions.chosen_from(self.components, offered)
        if chosen is None:
            unknown = Fault(("body", "components"), "not one of our components")
            raise Invalid("That is not one of our components.", faults=[unknown])
        return chosen


async def read(request: Request) -> Asked:
    """Raises ``Invalid`` for a body that cannot be read; those over 256 KiB were refused
    before.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return await _read_json(request)
    try:
        async with request.form(max_files=0, max_fields=_MOST_COMPONENTS + 10) as form:
            return _in_form(form)
    except UnicodeError:  # a multipart form in "punycode" or another codec that can fail
        raise Invalid("The form cannot be read; send it as UTF-8.") from None


def _in_form(form: FormData) -> Asked:
    return Asked(
        address=_text(form.get("address")) or "",
        language=_text(form.get("language")),
        components=tuple(_text(one) or "" for one in form.getlist("components")),
    )


async def _read_json(request: Request) -> Asked:
    try:
        told: Any = await request.json()
    except (ValueError, RecursionError):  # no JSON, no UTF-8, or a number of 5,000 digits
        told = None
    if not isinstance(told, dict):
        raise Invalid("The body cannot be read as a JSON object.")
    components = told.get("components") or []
    if not isinstance(components, list) or len(components) > _MOST_COMPONENTS:
        raise Invalid("components must be a list of ids.")
    return Asked(
        address=_text(told.get("address")) or "",
        language=_text(told.get("language")),
        components=tuple(_text(one) or "" for one in components),
        is_json=True,
    )


def _text(value: UploadFile | object | None) -> str | None:
    """A text that the store can keep: PostgreSQL takes no NUL, and nobody half a surrogate."""
    if not isinstance(value, str) or "\0" in value:
        return None
    return value.encode("utf-8", "ignore").decode()
