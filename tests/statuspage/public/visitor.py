"""A browser at the doors of one town, and the links that it finds in letters."""

from __future__ import annotations

import re
from datetime import datetime

import httpx

from statuspage.app import build
from statuspage.memory import Memory
from statuspage.metrics import new_metrics
from statuspage.nudges import Nudges
from statuspage.premises import Premises
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import Town

ANNA = "anna+status@example.org"


class Visitor:
    """A browser at the doors of one town; ``town.at`` is everybody's clock."""

    def __init__(self, town: Town) -> None:
        self.town, self.nudged = town, list[str]()
        nudges = Nudges()
        nudges.listen("deliver", lambda: self.nudged.append("deliver"))
        self.premises = Premises(
            settings=town.settings,
            store=town.store,
            clock=self.clock,
            nudges=nudges,
            memory=Memory(),
            metrics=new_metrics(),
        )
        self.app = build(self.premises)
        self.http = self.from_address("192.0.2.1")

    def clock(self) -> datetime:
        return self.town.at

    def from_address(self, address: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, client=(address, 1), raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="https://status.acme.example")

    async def ask(self, address: str = ANNA, **fields: object) -> httpx.Response:
        form = {"address": address, "language": "en", **fields}
        return await self.http.post("/subscribe", data=form)


async def link_in(smtp: Relay, kind: str, to: str = ANNA) -> str:
    """The path of the first such link in the newest letter to somebody."""
    found = re.search(rf"https://status\.acme\.example(/{kind})\s", smtp.to(to)[-1].text)
    assert found, smtp.to(to)[-1].text
    return found[1]
