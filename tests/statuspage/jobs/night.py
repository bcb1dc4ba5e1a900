"""A night in the office: real store, real jobs, a clock that only the test moves.

What the checks see is said by the test (``sees``) and goes the real way: through the
watch's judging and recording, then settle, remind and publish. Nothing sleeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlmodel import SQLModel, col

from checks.network import Network
from checks.result import Fault, Grade, Result
from checks.verdict import thaw
from statuspage.actions import components
from statuspage.actions.standings import standings
from statuspage.database import Store
from statuspage.jobs.looks import Looked
from statuspage.jobs.publish import Publish
from statuspage.jobs.remind import remind
from statuspage.jobs.rows import read_rows
from statuspage.jobs.settle import settle
from statuspage.jobs.watch import Watch
from statuspage.memory import Memory
from statuspage.metrics import new_metrics
from statuspage.migrations import migrate
from statuspage.nudges import Nudges
from statuspage.premises import Premises
from statuspage.rules.board import Board
from statuspage.rules.components import Standings
from statuspage.rules.composing import compose
from statuspage.settings import Settings, loads
from statuspage.tables import Announcement, Call, Check, Incident, Promise, Update

_Row = TypeVar("_Row", bound=SQLModel)
TEN_PAST_THREE = datetime(2026, 3, 1, 3, 10, 0, tzinfo=UTC)
CONFIGURATION = """
[site]
name = "Acme"
url = "https://status.acme.example"
languages = ["en", "it"]
state_dir = "{folder}/state"
{site}
[mail]
server = "{server}"
from = "Acme status <status@acme.example>"
[operators]
notify = ["mailto:oncall@acme.example"]
{operators}
[checks]
confirm_failures = 2
{checks}
[letters]
{letters}
[[components]]
id = "db"
name = "Orders database"
public = false
[[components.checks]]
id = "db"
kind = "tcp"
host = "db.internal.example"
port = 5432
[[components]]
id = "shop"
name = "Shop"
depends_on = ["db"]
when_down = {{ en = "You cannot place orders at the moment." }}
[[components.checks]]
id = "shop"
kind = "http"
url = "https://shop.internal.example/health"
[[components]]
id = "blog"
name = "Blog"
[[components.checks]]
id = "blog"
kind = "http"
url = "https://blog.internal.example/"
{more}
"""
WELL = Result(Grade.WELL, 3.0, "Answered 200.", address="192.0.2.1")
REFUSED = Result(
    Grade.FAILED, None, "Connection refused by 192.0.2.1:5432.", Fault.REFUSED, False, "192.0.2.1"
)
WRONG = Result(
    Grade.FAILED, 9.0, "Answered 500, expected 200.", Fault.WRONG_STATUS, True, "192.0.2.2"
)
RESULTS = {".": WELL, "x": REFUSED, "5": WRONG}


class Night:
    """The clock begins at 03:10 UTC; ``at`` is seconds since."""

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        letters: str = "",
        checks: str = "",
        more: str = "",
        site: str = "",
        operators: str = "",
        server: str = "smtp://127.0.0.1:9",
    ) -> None:
        text = CONFIGURATION.format(
            folder=folder,
            letters=letters,
            checks=checks,
            more=more,
            site=site,
            operators=operators,
            server=server,
        )
        self.settings: Settings = loads(text, {}, folder / "avviso.toml")
        self.now = TEN_PAST_THREE
        self.premises = Premises(
            settings=self.settings,
            store=Store(url),
            clock=lambda: self.now,
            nudges=Nudges(),
            memory=Memory(),
            metrics=new_metrics(),
        )
        self.network = Network()
        self.watch = Watch(self.premises, self.network, "night")
        self.publish = Publish(self.premises)

    async def begin(self) -> Night:
        await migrate(self.store)
        async with self.store.write() as session:
            await components.mirror(session, self.settings, self.now)
        for check in ("db", "shop", "blog"):
            await self.sees(**{check: "."})
        return self

    async def end(self) -> None:
        await self.watch.close()
        await self.network.__aexit__(None, None, None)
        await self.store.close()

    @property
    def store(self) -> Store:
        return self.premises.store

    def later(self, **length: float) -> None:
        self.now += timedelta(**length)

    async def sees(self, **looks: str) -> None:
        """One round of looks, each a second after the one before: ``sees(db="xx", shop="55")``;
        "." well, "x" refused, "5" answered wrongly.
        """
        longest = max(len(seen) for seen in looks.values())
        for n in range(longest):
            back = [
                await self._looked(check, RESULTS[seen[n]])
                for check, seen in looks.items()
                if n < len(seen)
            ]
            await self._record(back)
            await settle(self.premises, self.now)
            self.later(seconds=1)

    async def _looked(self, check_id: str, result: Result) -> Looked:
        async with self.store.read() as session:
            row = await session.get_one(Check, check_id)
        component = next(
            one for one in self.settings.components if check_id in {c.id for c in one.checks}
        )
        check = next(one for one in component.checks if one.id == check_id)
        return Looked(
            check,
            component.id,
            thaw(row.verdict),
            result,
            self.now,
            self.now,
            self.settings.policy(check),
        )

    async def _record(self, back: Sequence[Looked]) -> None:
        """As the watch does with looks that are back, and without new ones."""
        judged = await self.watch._judge(back, self.now)
        async with self.store.write() as session:
            await session.execute(sa.update(Check).values(lease_by="night"))
            await self.watch._record(session, judged, self.now)

    async def settles(self) -> None:
        await settle(self.premises, self.now)

    async def reminds(self) -> None:
        await remind(self.premises, self.now)

    async def standings(self) -> Standings:
        async with self.store.read() as session:
            return await standings(session, self.settings)

    async def board(self) -> Board:
        async with self.store.read() as session:
            rows = await read_rows(session, self.settings, self.now)
        return compose(self.settings, rows, self.now)

    async def rows(self, table: type[_Row]) -> list[_Row]:
        async with self.store.read() as session:
            return list((await session.scalars(sa.select(table))).all())

    async def incidents(self) -> list[Incident]:
        return sorted(await self.rows(Incident), key=lambda row: row.noticed_at)

    async def the_incident(self) -> Incident:
        (incident,) = await self.incidents()
        return incident

    async def said(self) -> list[str]:
        """The kinds of all updates, oldest first."""
        updates = await self.rows(Update)
        return [update.kind for update in sorted(updates, key=lambda row: (row.at, row.n))]

    async def called(self) -> list[str]:
        """The occasions of all calls that were not dropped, oldest first."""
        async with self.store.read() as session:
            found = await session.scalars(
                sa.select(Call).where(col(Call.state) != "dropped").order_by(col(Call.id))
            )
            return [str(call.facts["occasion"]) for call in found.all()]

    async def to_be_told(self) -> list[str]:
        """The occasions of announcements that still stand, oldest first."""
        standing = [row for row in await self.rows(Announcement) if row.withdrawn_at is None]
        return [row.occasion for row in sorted(standing, key=lambda row: row.created_at)]

    async def promises(self) -> list[Promise]:
        return sorted(await self.rows(Promise), key=lambda row: row.id or 0)
