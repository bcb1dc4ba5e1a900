"""Who did what? Written in the transaction of the deed, so neither is without the other."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.tables import AuditEntry

MACHINE = "avviso"


def note(
    session: AsyncSession, who: str, did: str, what: str, now: datetime, **detail: Any
) -> None:
    """``did`` is a noun and a verb ("incident opened"); ``detail`` is JSON-ready."""
    session.add(AuditEntry(at=now, who=who, did=did, what=what, detail=detail))
