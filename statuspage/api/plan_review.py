"""What does a second look at planned work find, before anybody reads of it?

Only what is said anew is read: who ends the work, or moves it, is not held up by a word that
stands already.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from statuspage.actions import maintenances
from statuspage.api.plans import Replanning
from statuspage.api.review import Reviewed, judged
from statuspage.premises import Premises
from statuspage.rules import maintenance_review
from statuspage.rules.maintenances import Plan
from statuspage.rules.words import Word

NOTHING_SAID = Reviewed(Word(), (), ())
TEXTS = frozenset({"name", "body", "language", "translations"})


async def reviewed(premises: Premises, plan: Plan, *, override: bool) -> Reviewed:
    """Read it as all that is written to customers is read."""
    findings = await asyncio.to_thread(maintenance_review.read, plan, premises.settings)
    return judged(findings, maintenance_review.refuses(findings), override=override)


async def reviewed_anew(premises: Premises, id: str, asked: Replanning) -> Reviewed:
    """Read it as it will stand. Raises ``Unknown``, ``Invalid``."""
    async with premises.store.read() as session:
        before = maintenances.as_planned(await maintenances.get(session, id))
    changes = asked.changes(before)
    if not _says_something_else(before, changes):
        return NOTHING_SAID
    return await reviewed(premises, replace(before, **changes), override=asked.override)


def _says_something_else(before: Plan, changes: Mapping[str, Any]) -> bool:
    return any(changes[name] != getattr(before, name) for name in TEXTS & changes.keys())
