"""A small town to write to: a shop on a database, incidents, subscribers and their letters."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from notifications import facts
from notifications.outbound import Reach
from statuspage.actions import subscribers
from statuspage.database import Store
from statuspage.jobs.announce import announce
from statuspage.jobs.deliver import deliver
from statuspage.jobs.postroom import Postroom
from statuspage.jobs.subscriptions import subscriptions as look_after
from statuspage.jobs.sweep import sweep
from statuspage.memory import Memory
from statuspage.metrics import new_metrics
from statuspage.migrations import migrate
from statuspage.nudges import Nudges
from statuspage.premises import Premises
from statuspage.rules.subscriptions import Wishes
from statuspage.settings import Settings, loads
from statuspage.tables import Announcement, Component, Delivery, Incident, Share, Subscriber

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
CONFIGURATION = """
[site]
name = "Acme"
url = "https://status.acme.example"
languages = ["en", "it"]
[mail]
server = "{server}"
from = "Acme status <status@acme.example>"
{mail}
[letters]
{letters}
[operators]
{operators}
[[components]]
id = "orders-db"
name = "Orders database"
public = false
[[components]]
id = "shop"
name = "Shop"
group = "Website"
depends_on = ["orders-db"]
[[components]]
id = "blog"
name = "Blog"
"""


def town_settings(
    server: str = "smtp://127.0.0.1:9", *, mail: str = "", letters: str = "", operators: str = ""
) -> Settings:
    text = CONFIGURATION.format(server=server, mail=mail, letters=letters, operators=operators)
    return loads(text, {}, Path("/nowhere/avviso.toml"))


class Town:
    """One store with its settings; ``at`` is the town's clock, which only tests move."""

    def __init__(self, store: Store, settings: Settings, reach: Reach | None = None) -> None:
        self.store, self.settings, self.at = store, settings, NOON
        self.room = Postroom(settings, store, new_metrics(), reach or Reach())
        self.who = f"test-{secrets.token_hex(4)}"

    async def build(self) -> Town:
        await migrate(self.store)
        async with self.store.write() as session:
            for n, one in enumerate(self.settings.components):
                session.add(
                    Component(
                        id=one.id, name=one.name, position=n, created_at=NOON, updated_at=NOON
                    )
                )
        return self

    async def close(self) -> None:
        await self.room.__aexit__(None, None, None)
        await self.store.close()

    # ---- what people do

    async def ask(
        self, address: str, language: str = "en", components: Sequence[str] = (), **wishes: Any
    ) -> None:
        async with self.store.write() as session:
            await subscribers.ask(
                session,
                self.settings,
                address,
                language,
                Wishes(tuple(components), **wishes),
                self.at,
                {"from": "192.0.2.1", "text": "1"},
            )

    async def add(
        self, address: str, language: str = "en", components: Sequence[str] = ()
    ) -> Subscriber:
        async with self.store.write() as session:
            added = await subscribers.add(session, address, language, components, self.at)
        assert added.subscriber is not None
        return added.subscriber

    async def crowd(self, count: int) -> None:
        """Many at once, without asking for each."""
        async with self.store.write() as session:
            for n in range(count):
                session.add(
                    Subscriber(
                        id=secrets.token_hex(8),
                        address=f"reader{n}@example.org",
                        language=("en", "it")[n % 2],
                        state="active",
                        code=secrets.token_urlsafe(16),
                        created_at=NOON,
                        confirmed_at=NOON,
                    )
                )

    async def leave(self, address_or_id: str) -> None:
        async with self.store.write() as session:
            found = await session.get(Subscriber, address_or_id)
            code = (found or await self.subscriber(address_or_id)).code
            assert await subscribers.leave(session, code or "", self.at)

    # ---- what happens

    async def incident(self, id: str = "inc1", *, cause: str = "shop", **values: Any) -> str:
        async with self.store.write() as session:
            session.add(
                Incident(
                    id=id,
                    started_at=self.at,
                    noticed_at=self.at,
                    created_at=self.at,
                    updated_at=self.at,
                    **values,
                )
            )
            await session.flush()
            session.add(Share(incident_id=id, component_id=cause, role="cause"))
        return id

    async def tell(
        self, text: str, incident_id: str = "inc1", *, over: bool = False, **values: Any
    ) -> str:
        """A person's word, due now; ``over``: the last one, to those who were told."""
        told = word(text, incident_id, self.at, over=over)
        usual = {
            "occasion": told.occasion,
            "facts": facts.freeze(told),
            "only_told": over,
            "created_at": self.at,
            "due_at": self.at,
        }
        values = {**usual, **values}
        row = Announcement(id=secrets.token_hex(8), incident_id=incident_id, **values)
        async with self.store.write() as session:
            session.add(row)
        return row.id

    # ---- what the clock runs

    async def spread(self) -> None:
        """Spread all that is due."""
        while await announce(
            self.store, self.settings, still_failing, frozen, self.at, self.who
        ) == timedelta(0):
            pass

    async def deliver(self) -> timedelta | None:
        return await deliver(self.room, self.at, self.who)

    async def mail(self) -> None:
        await self.spread()
        await self.deliver()

    async def look_after(self) -> None:
        """Those who wait for a letter to confirm, and those who have had their only letter."""
        while await look_after(self.premises, self.at) == timedelta(0):
            pass

    async def resolve(self, incident_id: str = "inc1") -> None:
        """Over, as its row says it; the word about it is the test's."""
        async with self.store.write() as session:
            (await session.get_one(Incident, incident_id)).resolved_at = self.at

    async def sweep(self) -> None:
        await sweep(self.premises, self.at)

    @property
    def premises(self) -> Premises:
        return Premises(
            settings=self.settings,
            store=self.store,
            clock=lambda: self.at,
            nudges=Nudges(),
            memory=Memory(),
            metrics=self.room.metrics,
        )

    # ---- what there is

    async def subscriber(self, address: str) -> Subscriber:
        async with self.store.read() as session:
            found = await session.scalars(
                sa.select(Subscriber).where(col(Subscriber.address) == address)
            )
            return found.one()

    async def deliveries(self) -> list[Delivery]:
        async with self.store.read() as session:
            found = await session.scalars(sa.select(Delivery).order_by(col(Delivery.id)))
            return list(found.all())

    async def states(self) -> list[str]:
        return [one.state for one in await self.deliveries()]

    async def count(self, state: str) -> int:
        return (await self.states()).count(state)


def word(
    text: str, incident_id: str, at: datetime, *, over: bool = False
) -> facts.Worded | facts.Over:
    about = facts.IncidentFacts(
        id=incident_id,
        url=f"https://status.acme.example/incidents/{incident_id}",
        started_at=NOON,
        impact="critical",
        name=f"Trouble {incident_id}",
        language="en",
        affected=(facts.Affected(name="Shop"),),
    )
    said = facts.Said(
        words=facts.Words(what_happened=text, what_we_are_doing="We mend it."), language="en"
    )
    if over:
        return facts.Over(incident=about, ended_at=at, automatic=False, said_at=at, said=said)
    return facts.Worded(incident=about, status="investigating", said=said, said_at=at)


async def still_failing(incident_id: str) -> bool:
    return True


async def frozen(session: object, incident_id: str, at: datetime) -> dict[str, Any]:
    return facts.freeze(word("Our systems noticed.", incident_id, at))
