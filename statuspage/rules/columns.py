"""What may stand in each column of a file of customers?

An empty cell is no wish: all components, every impact, the site's language. No sentence
repeats what stood there: it may be somebody's address, in whatever column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from statuspage.rules import subscriptions
from statuspage.rules.offer import Offer
from statuspage.rules.words import LONGEST_NAME
from statuspage.vocabulary import Impact

BASES = ("consent", "contract")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_YES, _NO = ("true", "yes", "1", "vero", "sì"), ("", "false", "no", "0", "falso")
"""Spreadsheets write them in the language of whoever sits before them."""
_NAMED_AT_MOST = 20


class WrongCell(ValueError):
    """What stands there cannot be taken, and why."""


def _address(text: str, _: Offer) -> str:
    try:
        return subscriptions.normalised(text)
    except subscriptions.NoAddress as wrong:
        raise WrongCell(str(wrong)) from None


def _language(text: str, offer: Offer) -> str | None:
    code = text.lower() or None
    if code is not None and code not in offer.languages:
        raise WrongCell(f"The language is none of this site: {_named(offer.languages)}.")
    return code


def _components(text: str, offer: Offer) -> tuple[str, ...]:
    chosen = subscriptions.chosen_from(re.split(r"[|\s]+", text) if text else (), offer.components)
    if chosen is None:
        raise WrongCell(f"Components that customers can choose: {_named(offer.components)}.")
    return tuple(chosen)


def _groups(text: str, offer: Offer) -> tuple[str, ...]:
    wished = [one.strip() for one in text.split("|")] if text else ()
    chosen = subscriptions.chosen_from(wished, offer.groups)
    if chosen is None:
        raise WrongCell(f"Groups that customers can choose: {_named(offer.groups)}.")
    return tuple(chosen)


def _least_impact(text: str, _: Offer) -> str:
    return _one_of(text.lower() or Impact.NONE, "least_impact", tuple(Impact))


def _ends_only(text: str, _: Offer) -> bool:
    return _one_of(text.lower(), "ends_only", (*_YES, *_NO)) in _YES


def _basis(text: str, _: Offer) -> str | None:
    return _one_of(text.lower(), "basis", BASES) if text else None


def _source(text: str, _: Offer) -> str | None:
    if _CONTROL.search(text):
        raise WrongCell("source: text on one line, without control characters.")
    if len(text) > LONGEST_NAME:
        raise WrongCell(f"source: at most {LONGEST_NAME} characters.")
    return text or None


def _one_of(text: str, column: str, known: Sequence[str]) -> str:
    if text not in known:
        raise WrongCell(f"{column} is one of: {', '.join(filter(None, known))}.")
    return text


def _named(known: Collection[str]) -> str:
    """Enough of them to see what is meant; a site may have a thousand."""
    named = list(known)[:_NAMED_AT_MOST]
    return ", ".join([*named, "…"] if len(known) > len(named) else named) or "none"


READ: Mapping[str, Callable[[str, Offer], Any]] = {
    "address": _address,
    "language": _language,
    "components": _components,
    "groups": _groups,
    "least_impact": _least_impact,
    "ends_only": _ends_only,
    "basis": _basis,
    "source": _source,
}
"""Column -> the value of a cell. Raises ``WrongCell``."""
COLUMNS = tuple(READ)
