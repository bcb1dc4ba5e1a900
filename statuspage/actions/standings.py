"""How does every component of the configuration stand, by its checks alone?

The verdicts are rows; what they mean together is asked of ``rules.components``.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from checks.verdict import thaw
from statuspage.rules.components import Standings, stand
from statuspage.settings import Settings
from statuspage.tables import Check


async def standings(session: AsyncSession, settings: Settings) -> Standings:
    """What is believed now, in one query; checks that left the file say nothing."""
    found = await session.execute(
        sa.select(col(Check.component_id), col(Check.verdict))
        .where(col(Check.retired_at).is_(None))
        .order_by(col(Check.id))
    )
    return stand(settings, [(component_id, thaw(frozen)) for component_id, frozen in found])
