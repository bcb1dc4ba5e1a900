"""How long from a dead database to the letter in the customer's mailbox?

    python -m benchmarks.outage [--rounds 3] [--subscribers 1000] [--interval 10s]
                                [--confirm-interval 1s] [--first-after 3s]
                                [--store sqlite|postgresql]

`avviso serve` as its users start it, a shop over a real PostgreSQL, a thousand confirmed
subscribers, Postfix's smtp-sink as the relay. PostgreSQL is killed at a moment that has
nothing to do with the checks' own times. What is printed stands beside the least that the
settings allow: the next look that was due when the fault came, the confirmations after it,
and, for letters, first_after. Aims: the page within 0.5 s of that least, the first letter
within 1 s.
"""

from __future__ import annotations

import argparse
import random
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
from sqlalchemy.exc import OperationalError, ProgrammingError

from benchmarks._machine import describe
from benchmarks._program import until, until_ready
from benchmarks._relay import Sink
from benchmarks._stores import store_url
from checks.duration import parse
from tests.servers.postgresql import PostgreSQL
from tests.stories import configuration
from tests.stories.hook import Hook
from tests.stories.own_store import OwnStore
from tests.stories.programs import Avviso, Shop

CONFIRM_FAILURES = 3
PATIENCE_S = 120.0
_until = partial(until, within=PATIENCE_S, every=0.02)
NOBODY_LOOKS_S = 0.1
"""The fault falls between looks: of one that is under way nobody knows what it will see."""
AIM_PAGE_S, AIM_LETTER_S = 0.5, 1.0


@dataclass(frozen=True)
class Round:
    """One outage; all but ``letters`` in seconds since the fault."""

    least_verdict: float
    least_letter: float
    verdict: float
    page: float
    operators: float
    first: float
    last: float
    letters: int

    def tell(self) -> None:
        least = f"{self.least_verdict:7.2f} {self.least_letter:7.2f}"
        seen = f"{self.verdict:8.2f} {self.operators:9.2f} {self.page:7.2f} {self.first:7.2f}"
        over = f"{self.page - self.least_verdict:6.2f} {self.first - self.least_letter:7.2f}"
        print(f"{least} | {seen} {self.last:7.2f} ({self.letters}) | {over}")


def main() -> None:
    wanted = _arguments()
    print(describe())
    print(
        f"interval {wanted.interval}, confirm_failures {CONFIRM_FAILURES}, confirm_interval "
        f"{wanted.confirm_interval}, first_after {wanted.first_after}, {wanted.store}"
    )
    print("least: verdict, letter | seen: verdict, operators, page, first, last letter | over")
    rounds = [_round(wanted) for _ in range(wanted.rounds)]
    page = max(one.page - one.least_verdict for one in rounds)
    letter = max(one.first - one.least_letter for one in rounds)
    print(f"page, over the least, at the worst: {page:.2f} s (aim: {AIM_PAGE_S} s)")
    print(f"first letter, over the least, at the worst: {letter:.2f} s (aim: {AIM_LETTER_S:g} s)")


def _round(wanted: argparse.Namespace) -> Round:
    with ExitStack() as stack:
        database = stack.enter_context(PostgreSQL())
        shop = stack.enter_context(Shop(database.dsn))
        relay = stack.enter_context(Sink())
        hook = stack.enter_context(Hook())
        store = OwnStore(stack.enter_context(store_url(wanted.store)))
        stack.callback(store.close)
        avviso = Avviso()
        stack.callback(avviso.close)
        avviso.configure(_configuration(wanted, avviso, database, shop, relay, hook, store))
        avviso.start()
        until_ready(avviso, PATIENCE_S)
        _until(lambda: _is_well(store))
        store.subscribe(*(f"reader{n}@example.org" for n in range(wanted.subscribers)))
        time.sleep(random.uniform(1, 1 + parse(wanted.interval).total_seconds()))
        done = _break(wanted, avviso, database, relay, hook, store)
        done.tell()
        return done


def _is_well(store: OwnStore) -> bool:
    try:
        beliefs = {row[0] for row in store.rows("SELECT belief FROM checks")}
    except (OperationalError, ProgrammingError):  # the tables are still being made
        return False
    return beliefs == {"well"}


def _break(
    wanted: argparse.Namespace,
    avviso: Avviso,
    database: PostgreSQL,
    relay: Sink,
    hook: Hook,
    store: OwnStore,
) -> Round:
    _until(lambda: min(_due(store)) > time.time() + NOBODY_LOOKS_S)
    due = _due(store)
    fault, steady = time.time(), time.monotonic()
    database.kill()
    with httpx.Client(base_url=avviso.dsn, trust_env=False) as client:
        page = _until(lambda: configuration.WHEN_DOWN["en"] in client.get("/en/").text)
    _until(lambda: relay.count() >= wanted.subscribers, every=0.25)  # counting takes CPU as well
    letters = relay.accepted()
    (believed,) = store.rows("SELECT at FROM changes WHERE component_id = 'orders-db'")
    confirming = (CONFIRM_FAILURES - 1) * parse(wanted.confirm_interval).total_seconds()
    least = min(due) - fault + confirming
    return Round(
        least_verdict=least,
        least_letter=least + parse(wanted.first_after).total_seconds(),
        verdict=_seconds(believed[0]) - fault,
        operators=_until(lambda: hook.of("opened")) and hook.of("opened")[0].at - steady,
        page=page - fault,
        first=letters[0] - fault,
        last=letters[-1] - fault,
        letters=len(letters),
    )


def _due(store: OwnStore) -> list[float]:
    """Both tiers' due times, in seconds since 1970: the shop's failure has its database asked."""
    return [_seconds(row[0]) for row in store.rows("SELECT next_due_at FROM checks")]


def _configuration(
    wanted: argparse.Namespace,
    avviso: Avviso,
    database: PostgreSQL,
    shop: Shop,
    relay: Sink,
    hook: Hook,
    store: OwnStore,
) -> str:
    sections: dict[str, dict[str, object]] = {
        "site": {
            "name": "Acme",
            "url": avviso.dsn,
            "languages": ["en", "it"],
            "state_dir": str(avviso.folder / "state"),
        },
        "database": {"url": store.url},
        "operators": {"notify": [hook.url]},
        "mail": {"server": relay.dsn, "from": "Acme status <status@acme.example>"},
        "letters": {"first_after": wanted.first_after},
        "checks": {
            "interval": wanted.interval,
            "confirm_failures": CONFIRM_FAILURES,
            "confirm_interval": wanted.confirm_interval,
        },
    }
    return configuration.write(sections, configuration.shop_and_database(shop.dsn, database.dsn))


def _seconds(moment: Any) -> float:
    """A time as SQLite (text) or PostgreSQL (aware) gives it."""
    read = moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.outage")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--subscribers", type=int, default=1000)
    parser.add_argument("--interval", default="10s")
    parser.add_argument("--confirm-interval", default="1s")
    parser.add_argument("--first-after", default="3s")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    return parser.parse_args()


if __name__ == "__main__":
    main()
