"""Is this a letter worth sending?

What an attentive colleague would mark before it leaves: misspelt words, blame, pity for
ourselves, promises that nobody can keep, demands, a part that is missing. The rules and
their reasons are data, in each language's file; a finding is advice, and what is done with
it is decided elsewhere. Nothing here looks at a clock or a socket; the dictionaries are
loaded when they are first needed, so the first review takes half a second, in a thread.
"""

from __future__ import annotations

from itertools import chain

from notifications.findings import names, parts, rulebook, spelling, times, wording
from notifications.findings.draft import Draft
from notifications.findings.finding import Finding

_LOOKED_FOR = (parts.find, wording.find, times.find, names.find, spelling.find)


def review(draft: Draft, language: str) -> tuple[Finding, ...]:
    """All that is to be said of it, in the order of its fields and places.

    Raises ``LookupError`` for a language that has no rules.
    """
    rules = rulebook.load(language)
    found = set(chain.from_iterable(look(draft, rules) for look in _LOOKED_FOR))
    order = {field: at for at, field in enumerate(["name", *draft.parts])}
    return tuple(sorted(found, key=lambda one: _place(one, order)))


def _place(finding: Finding, order: dict[str, int]) -> tuple[int, int, str]:
    _, _, span = finding.where.partition(":")
    start = int(span.partition("-")[0]) if span else -1
    return order.get(finding.field, len(order)), start, finding.rule
