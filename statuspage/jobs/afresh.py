"""Does what we are about to say still hold, asked this moment?"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import col

from checks.network import Network
from checks.result import Grade
from statuspage.actions import muting
from statuspage.premises import Premises
from statuspage.settings import Settings
from statuspage.tables import Cause

REFERENCE_TIMEOUT = timedelta(seconds=2)


async def is_cut_off(settings: Settings, network: Network) -> bool:
    """No reference target answers: it is our own connection that fails."""
    return not await network.reachable(settings.checks.reference, REFERENCE_TIMEOUT)


async def still_fails(premises: Premises, network: Network, incident_id: str) -> bool:
    """Ask every cause of an incident afresh: does any still fail? Not when we are cut
    off: then we know nothing; nor when all are muted: then nothing is written.
    """
    settings, now = premises.settings, premises.clock()
    async with premises.store.read() as session:
        if await muting.all_muted(session, settings, incident_id, now):
            return False
        found = await session.scalars(
            sa.select(col(Cause.component_id)).where(
                col(Cause.incident_id) == incident_id, col(Cause.ended_at).is_(None)
            )
        )
        causes = set(found.all())
    if not causes or await is_cut_off(settings, network):
        return False
    results = await asyncio.gather(
        *(
            check.probe.run(network, settings.timeout_of(check))
            for component in settings.components
            if component.id in causes
            for check in component.checks
        )
    )
    return any(result.grade is Grade.FAILED for result in results)
