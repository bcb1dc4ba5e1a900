"""How does everything look right now, from outside?

Connects to the database, asks the shop's own health, and reads the page's public API as
this process shows it, a few times a second.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx

from statuspage.demo.mailbox import Letter
from statuspage.demo.ports import HERE
from statuspage.demo.timeline import Sight, Timeline
from statuspage.demo.town import Addresses, accepts
from statuspage.memory import Memory

PAUSE_S = 0.2
PATIENCE_S = 0.5
COMPONENT = "shop"


class Observer:
    """Keeps the newest sight, and tells the timeline."""

    def __init__(self, at: Addresses, timeline: Timeline, clock: Callable[[], datetime]) -> None:
        self.sight = Sight()
        self._at, self._timeline, self._clock = at, timeline, clock

    async def watch(self, memory: Memory) -> None:
        """Look until cancelled."""
        async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False) as client:
            while True:
                self.sight = await self._look(client, memory)
                self._timeline.look(self.sight, self._clock())
                await asyncio.sleep(PAUSE_S)

    def hear(self, letter: Letter) -> None:
        """A letter has arrived."""
        self._timeline.note(f"A letter for {letter.to}: {letter.subject}", self._clock(), "letter")

    async def _look(self, client: httpx.AsyncClient, memory: Memory) -> Sight:
        database, shop = await asyncio.gather(accepts(self._at.orders), self._health(client))
        shown = shown_json(memory, "/api/v2/components.json").get("components", [])
        incidents = shown_json(memory, "/api/v2/incidents.json").get("incidents", [])
        return Sight(
            database=database,
            shop=shop,
            shut=COMPONENT in memory.shut_gates,
            components={one["name"]: one["status"] for one in shown if not one["group"]},
            said={
                update["id"]: (update["status"], update["body"])
                for incident in reversed(incidents)
                for update in reversed(incident["incident_updates"])
            },
        )

    async def _health(self, client: httpx.AsyncClient) -> int | None:
        try:
            answer = await client.get(f"http://{HERE}:{self._at.shop}/health")
        except httpx.TransportError:
            return None
        return answer.status_code


def shown_json(memory: Memory, path: str) -> dict[str, Any]:
    """A document of the public API as it stands in memory; empty before the first pages."""
    variants = memory.pages.get(path)
    shown: dict[str, Any] = json.loads(variants[0].page.body) if variants else {}
    return shown


def open_incident(memory: Memory) -> dict[str, Any] | None:
    """The newest incident that is not over, as programs see it."""
    incidents = shown_json(memory, "/api/v2/incidents/unresolved.json").get("incidents", [])
    return incidents[0] if incidents else None
