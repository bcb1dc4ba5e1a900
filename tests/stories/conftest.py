"""Who pays for the servers of the stories?

Database tiers, nginx and the shop are started once a session, and again by the next story where
one story left them stopped; Avviso, its store, the mailbox and the hook are each story's own.
"""

from collections.abc import Callable, Iterator

import pytest

from tests.servers.mariadb import MariaDB
from tests.servers.nginx import Nginx
from tests.servers.postgresql import PostgreSQL
from tests.servers.redis import Redis
from tests.servers.server import Server
from tests.servers.smtp import Relay
from tests.stories.hook import Hook
from tests.stories.own_store import OwnStore
from tests.stories.programs import Shop
from tests.stories.world import World

TIERS: dict[str, type[Server]] = {"postgresql": PostgreSQL, "mariadb": MariaDB, "redis": Redis}


class Company:
    """The servers that outlive a story."""

    def __init__(self) -> None:
        self.nginx = Nginx()
        self._tiers: dict[str, Server] = {}
        self._shops: dict[str, Shop] = {}

    def tier(self, kind: str) -> Server:
        server = self._tiers.setdefault(kind, TIERS[kind]())
        return server.start()

    def shop(self, kind: str) -> Shop:
        shop = self._shops.setdefault(kind, Shop(self.tier(kind).dsn))
        return shop.start()

    def close(self) -> None:
        for server in (self.nginx, *self._shops.values(), *self._tiers.values()):
            server.close()


@pytest.fixture(scope="session")
def company() -> Iterator[Company]:
    company = Company()
    yield company
    company.close()


@pytest.fixture
def founded(company: Company) -> Iterator[Callable[..., World]]:
    """`founded(store_url, tier="postgresql")`: a world for this story, not yet begun."""
    with Relay() as mailbox, Hook() as hook:
        worlds: list[World] = []

        def found(store_url: str, tier: str = "postgresql") -> World:
            nginx = company.nginx.start()
            database, shop = company.tier(tier), company.shop(tier)
            worlds.append(World(database, shop, nginx, mailbox, hook, OwnStore(store_url)))
            return worlds[-1]

        yield found
        for world in worlds:
            world.leave()


@pytest.fixture
def world(founded: Callable[..., World], sqlite_url: str) -> World:
    """A world on SQLite with the company's two tiers, configured and not begun."""
    made = founded(sqlite_url)
    made.configure()
    return made
