"""Is this a letter worth sending?

What an attentive colleague would mark before it leaves: misspelt words, blame, pity for
ourselves, promises that nobody can keep, demands, a part that is missing. The rules and
their reasons are data, in each language's file; a finding is advice, and what is done with
it is decided elsewhere. Nothing here looks at a clock or a socket; the dictionaries are
loaded when they are first needed, or by ``get_ready``.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from notifications.findings import names, parts, rulebook, spelling, times, wording
from notifications.findings.draft import Draft
from notifications.findings.finding import Finding
from notifications.language import available

_A_SLIP = "Abbacadabraz"
"""To look for what was meant by that, all of a dictionary is needed."""
_LOOKED_FOR = (parts.find, wording.find, times.find, names.find, spelling.find)


def review(draft: Draft, language: str) -> tuple[Finding, ...]:
    """All that is to be said of it, in the order of its fields and places.

    Raises ``LookupError`` for a language that has no rules.
    """
    rules = rulebook.load(language)
    found = set(chain.from_iterable(look(draft, rules) for look in _LOOKED_FOR))
    order = {field: at for at, field in enumerate(["name", *draft.parts])}
    return tuple(sorted(found, key=lambda one: _place(one, order)))


def get_ready(languages: Iterable[str]) -> None:
    """Load what the first review would have to load: half a second a language, of which a
    quarter nothing else in the process can run, thread or not, for the C code lets nobody in.
    """
    for code in set(languages).intersection(available()):
        review(Draft(parts={"": _A_SLIP}), code)


def _place(finding: Finding, order: dict[str, int]) -> tuple[int, int, str]:
    _, _, span = finding.where.partition(":")
    start = int(span.partition("-")[0]) if span else -1
    return order.get(finding.field, len(order)), start, finding.rule
