"""What did a visitor send?

A form as browsers send it, urlencoded or multipart, or the same fields as JSON. Nothing is
believed beyond its shape; what has another shape is as good as not sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from statuspage.errors import Fault, Invalid
from statuspage.pages.reader import plain
from statuspage.rules import subscriptions
from statuspage.rules.subscriptions import Wishes
from statuspage.settings import Settings
from statuspage.vocabulary import Impact

_MOST_CHOSEN = 1000
_YES = ("1", "on", "true", "yes")


@dataclass(frozen=True, slots=True)
class Asked:
    """``is_json``: a program sent it, and is answered as one."""

    address: str = ""
    language: str | None = None
    components: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    least_impact: str = ""
    ends_only: bool = False
    only_incident: str | None = None
    channel: str = ""
    owner: str = ""
    """Of a hook: the mailbox of whoever looks after it."""
    is_json: bool = False

    def wishes(self, settings: Settings) -> Wishes:
        """What is wished for; what is not public is not on offer. Raises ``Invalid``.

        Whether there is such an incident is not asked here.
        """
        public = [component for component in settings.components if component.public]
        groups = {plain(one.group): one.group for one in public if one.group}
        named = _chosen("groups", map(plain, self.groups), list(groups))
        return Wishes(
            components=_chosen("components", self.components, [one.id for one in public]),
            groups=tuple(groups[name] for name in named),
            least_impact=_impact(self.least_impact),
            ends_only=self.ends_only,
            only_incident_id=self.only_incident or None,
        )


def _chosen(field: str, wished: Iterable[str], offered: list[str]) -> tuple[str, ...]:
    chosen = subscriptions.chosen_from(wished, offered)
    if chosen is None:
        unknown = Fault(("body", field), f"not one of our {field}")
        raise Invalid(f"That is not one of our {field}.", faults=[unknown])
    return tuple(chosen)


def _impact(wished: str) -> str:
    if wished and wished not in list(Impact):
        known = ", ".join(Impact)
        raise Invalid(
            "There is no such impact.", faults=[Fault(("body", "least_impact"), f"one of: {known}")]
        )
    return wished or Impact.NONE.value


async def read(request: Request) -> Asked:
    """Raises ``Invalid`` for a body that cannot be read; those over 256 KiB were refused
    before.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return await _read_json(request)
    try:
        async with request.form(max_files=0, max_fields=2 * _MOST_CHOSEN + 10) as form:
            return _in_form(form)
    except UnicodeError:  # a multipart form in "punycode" or another codec that can fail
        raise Invalid("The form cannot be read; send it as UTF-8.") from None


def _in_form(form: FormData) -> Asked:
    return _asked(form.get, form.getlist, is_json=False)


async def _read_json(request: Request) -> Asked:
    try:
        told: Any = await request.json()
    except (ValueError, RecursionError):  # no JSON, no UTF-8, or a number of 5,000 digits
        told = None
    if not isinstance(told, dict):
        raise Invalid("The body cannot be read as a JSON object.")
    return _asked(told.get, lambda name: _list_in(told, name), is_json=True)


def _list_in(told: dict[str, Any], name: str) -> list[Any]:
    found = told.get(name) or []
    if not isinstance(found, list) or len(found) > _MOST_CHOSEN:
        raise Invalid(f"{name} must be a list of {'names' if name == 'groups' else 'ids'}.")
    return found


def _asked(
    one: Callable[[str], Any], several: Callable[[str], Iterable[Any]], *, is_json: bool
) -> Asked:
    ends_only = one("ends_only")
    return Asked(
        address=_text(one("address")) or "",
        language=_text(one("language")),
        components=tuple(_text(each) or "" for each in several("components")),
        groups=tuple(_text(each) or "" for each in several("groups")),
        least_impact=_text(one("least_impact")) or "",
        ends_only=ends_only is True or _text(ends_only) in _YES,
        only_incident=_text(one("only_incident")),
        channel=_text(one("channel")) or "",
        owner=_text(one("owner")) or "",
        is_json=is_json,
    )


def _text(value: UploadFile | object | None) -> str | None:
    """A text that the store can keep: PostgreSQL takes no NUL, and nobody half a surrogate."""
    if not isinstance(value, str) or "\0" in value:
        return None
    return value.encode("utf-8", "ignore").decode()
