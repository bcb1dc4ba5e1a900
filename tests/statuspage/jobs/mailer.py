"""A mail worker in a process of its own, to be killed: python -m tests.statuspage.jobs.mailer
STORE_URL RELAY_URL. It takes back what a dead one had claimed, delivers, and says "idle".
"""

from __future__ import annotations

import asyncio
import os
import sys

from statuspage.database import Store
from statuspage.jobs import lease
from statuspage.jobs.deliver import deliver
from statuspage.jobs.postroom import Postroom
from statuspage.metrics import new_metrics
from tests.statuspage.jobs.town import NOON, SECOND, town_settings


async def work(store_url: str, relay_url: str) -> None:
    store = Store(store_url)
    async with store.write() as session:
        await lease.take_back_all(session)
    settings = town_settings(relay_url, mail="max_per_second = 150")
    async with Postroom(settings, store, new_metrics()) as room:
        who = f"mailer-{os.getpid()}"
        rest = await deliver(room, NOON + SECOND, who)
        while rest is not None:
            await asyncio.sleep(rest.total_seconds())
            rest = await deliver(room, NOON + SECOND, who)
    await store.close()
    sys.stdout.write("idle\n")


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
