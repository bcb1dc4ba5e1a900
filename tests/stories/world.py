"""What does the small world look like in which an outage is told?

A company with a shop (a real web application behind a real nginx) over a real database tier,
Avviso as its users start it, a mailbox, and the operators' hook. The verbs are those of the
story; conditions are waited for, and when one does not come, the failure shows Avviso's log.
Nothing is faked: what a story breaks refuses connections.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import sqlalchemy as sa

from tests.servers.nginx import Nginx
from tests.servers.plain import TRUSTING_NOBODY
from tests.servers.postfix import Postfix
from tests.servers.received import Received
from tests.servers.server import Server
from tests.servers.smtp import Relay
from tests.stories import configuration
from tests.stories.configuration import ANNA, ONCALL, PAUL
from tests.stories.hook import Hook
from tests.stories.office import Office
from tests.stories.own_store import OwnStore
from tests.stories.programs import Avviso, Shop
from tests.stories.reading import read

_Found = TypeVar("_Found")
WITHIN = 20.0
"""Seconds. Far longer than anything takes: two cores have other work as well."""
NOT_YET = (httpx.HTTPError, sa.exc.SQLAlchemyError, LookupError, StopIteration, ValueError)
"""How a question fails whose answer is not there yet."""

# What the public asks of the shop: Avviso's gate decides, and its notice speaks in its place.
SITE = """
    location = /-/gate {{ internal; proxy_pass {avviso}/gate/shop?deny=403;
        proxy_pass_request_body off; proxy_set_header Content-Length ""; }}
    location @notice {{ rewrite .* /notice/shop break; proxy_pass {avviso}; }}
    location /buy {{ auth_request /-/gate; error_page 403 = @notice; proxy_pass {shop}; }}
    location / {{ proxy_pass {shop}; proxy_connect_timeout 2s; }}
"""


def _visitor() -> httpx.Client:
    """One for a story: making one costs more than asking. It keeps no connection, as what it
    asks may be killed in between.
    """
    unkept = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(timeout=10, trust_env=False, limits=unkept, verify=TRUSTING_NOBODY)


@dataclass
class World:
    """Configured, begun and left by its story."""

    database: Server
    shop: Shop
    nginx: Nginx
    mailbox: Relay
    hook: Hook
    store: OwnStore
    avviso: Avviso = field(default_factory=Avviso)
    postfix: Postfix | None = None
    """Takes the letters in the mailbox's place."""
    _visitor: httpx.Client = field(default_factory=_visitor)

    # ---- laying it out

    def configure(
        self,
        sections: Mapping[str, Mapping[str, object]] | None = None,
        *,
        components: str | None = None,
        **words: Any,
    ) -> None:
        """Write avviso.toml: the company's own, changed by `sections` (key by key).

        :param words: for `configuration.shop_and_database`, unless `components` are given
        """
        whole = configuration.merged(configuration.SECTIONS, self._places(), sections or {})
        told = components or configuration.shop_and_database(
            self.nginx.dsn, self.database.dsn, **words
        )
        self.avviso.configure(configuration.write(whole, told))

    def begin(self) -> None:
        """Start Avviso, and wait until it has looked at everything and finds it well."""
        self.nginx.configure(SITE.format(avviso=self.avviso.dsn, shop=self.shop.dsn))
        self.avviso.start()
        self.until(lambda: self.get("/readyz").status_code == 200)
        self.until(self.everything_was_looked_at)
        self.until(self.page)

    def subscribe_both(self) -> None:
        """Anna, who reads Italian, and Paul, who reads English, wish to be told."""
        self.store.subscribe(ANNA, language="it")
        self.store.subscribe(PAUL)

    def leave(self) -> None:
        self.store.close()
        self._visitor.close()
        self.avviso.close()

    # ---- what happens to the company

    def stop_database(self) -> None:
        self.database.stop()

    def start_database(self) -> None:
        self.database.start()

    def stop_nginx(self) -> None:
        self.nginx.stop()

    def start_nginx(self) -> None:
        self.nginx.start()

    def lose_both(self) -> None:
        """Database and web server are gone in the same moment, as in a power cut."""
        both = (self.database, self.nginx)
        for server in both:
            os.killpg(server.pid, signal.SIGKILL)
        for server in both:
            server.kill()

    # ---- what the public sees

    def get(self, path: str, **words: Any) -> httpx.Response:
        return self._visitor.get(self.avviso.dsn + path, **words)

    def page(self, language: str = "en") -> str:
        """What a visitor reads on the page."""
        answer = self.get(f"/{language}/")
        return read(answer.text) if answer.status_code == 200 else ""

    def gate(self, query: str = "", *, of: str = "shop") -> int:
        return self.get(f"/gate/{of}{query}").status_code

    def buy(self) -> httpx.Response:
        """What a customer gets who comes to the shop, through nginx."""
        return self._visitor.get(f"{self.nginx.dsn}/buy")

    def incidents(self, which: str = "incidents") -> list[dict[str, Any]]:
        """The public API's incidents, newest first; `which`: `incidents/unresolved`."""
        found: list[dict[str, Any]] = self.get(f"/api/v2/{which}.json").json()["incidents"]
        return found

    def open_incidents(self) -> list[dict[str, Any]]:
        return self.incidents("incidents/unresolved")

    def until_named(self, *names: str) -> dict[str, Any]:
        """Wait until one incident, and no other, is open and names these components, all out."""

        def whole() -> dict[str, Any] | None:
            [incident] = self.open_incidents()[:1]
            parts = {one["name"]: one["status"] for one in incident["components"]}
            return incident if parts == dict.fromkeys(names, "major_outage") else None

        incident = self.until(whole)
        assert incident is not None
        assert len(self.open_incidents()) == 1
        return incident

    def status(self, id: str = "shop") -> str:
        """A component's status in the public API, found by its name's start."""
        rows = self.get("/api/v2/components.json").json()["components"]
        return str(next(row["status"] for row in rows if row["name"].lower().startswith(id[:4])))

    # ---- what is written to whom

    def letters_to(self, address: str) -> list[Received]:
        return self.post.to(address)

    @property
    def calls(self) -> list[Received]:
        """What the operators got by mail."""
        return self.post.to(ONCALL)

    @property
    def post(self) -> Relay | Postfix:
        return self.postfix or self.mailbox

    # ---- what operators do

    def office(self, *scopes: str) -> Office:
        """An operator at a terminal, with a new token; made as an operator makes one."""
        named = [word for scope in scopes for word in ("--scope", scope)]
        said = self.avviso.command_line("token", "create", "story", *named)
        assert said.returncode == 0, said.stderr
        return Office(self.avviso, said.stdout.split()[-1])

    # ---- what is measured

    def metric(self, name: str) -> float:
        """One number of /metrics."""
        lines = self.get("/metrics").text.splitlines()
        return float(next(line.split()[-1] for line in lines if line.startswith(f"{name} ")))

    def everything_was_looked_at(self) -> bool:
        return not self.store.rows("SELECT id FROM checks WHERE belief <> 'well'")

    # ---- waiting

    def until(self, condition: Callable[[], _Found], within: float = WITHIN) -> _Found:
        """Wait until it is so; what the condition answered.

        :raises AssertionError: with Avviso's log, if it does not come to be so.
        """
        deadline = time.monotonic() + within
        while True:
            trouble: Exception | None = None
            try:
                if found := condition():
                    return found
            except NOT_YET as error:
                trouble = error
            if time.monotonic() > deadline:
                raise AssertionError(self._how_it_stands(trouble))
            time.sleep(0.04)

    def stays(self, condition: Callable[[], bool], seconds: float) -> None:
        """It is so all this time: for what must not happen, there is nothing to wait for."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert condition(), self._how_it_stands(None)
            time.sleep(0.05)

    def _how_it_stands(self, trouble: Exception | None) -> str:
        letters = [f"{one.recipient}: {one.subject}" for one in self.post.letters]
        calls = [one.occasion for one in self.hook.heard]
        told = {
            "It did not come to be so": repr(trouble),
            "letters": letters,
            "calls": calls,
            "page": self._what_is_read(),
            "Avviso's log": f"\n{self.avviso.log()[-8000:]}",
        }
        return "\n".join(f"{name}: {what}" for name, what in told.items())

    def _what_is_read(self) -> str:
        try:
            return self.page()
        except httpx.HTTPError as error:
            return repr(error)

    def _places(self) -> dict[str, dict[str, object]]:
        return {
            "site": {"url": self.avviso.dsn, "state_dir": str(self.avviso.folder / "state")},
            "database": {"url": self.store.url},
            "operators": {"notify": [f"mailto:{ONCALL}", self.hook.url]},
            "mail": {"server": self.post.dsn},
        }
