"""What is heard, and what is excused, when some components may fail without a word?

Nothing here looks at a clock, a socket or a row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from checks.causes import Cause, Finding


def excused(finding: Finding, muted: frozenset[str]) -> frozenset[str]:
    """What fails only because of what is muted, and what is muted itself."""
    return muted | {
        affected for affected, causes in finding.consequences.items() if muted.issuperset(causes)
    }


def heard(finding: Finding, muted: frozenset[str], begun: Collection[str]) -> Iterator[Cause]:
    """The causes to decide about, less what is muted in them. ``begun``: the causes of open
    incidents, which are not taken from those.
    """
    for cause in finding.causes:
        if finding.waiting.intersection(cause.parts):
            continue
        parts = tuple(part for part in cause.parts if part in begun or part not in muted)
        if parts:
            yield replace(cause, parts=parts)
