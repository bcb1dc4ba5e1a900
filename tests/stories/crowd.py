"""Thousands of customers, one or more Avvisos that write to them, and a relay that keeps count:
who was told, how often, and what was in danger when something was broken?
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from statuspage.tables import Subscriber
from tests.servers import plain
from tests.servers.ledger import Entry, Ledger
from tests.stories import configuration
from tests.stories.metronome import Metronome
from tests.stories.office import Office
from tests.stories.own_store import OwnStore
from tests.stories.programs import Avviso
from tests.stories.world import NOT_YET

SHOP = '\n[[components]]\nid = "shop"\nname = "Shop"\n'
WORD = {
    "components": ["shop"],
    "status": "identified",
    "what_happened": "A disk of our database is full.",
    "what_we_are_doing": "We are moving old data away.",
}
IN_DANGER_S = 0.1
"""Acceptances are written down this often."""


def counts(told: str) -> None:
    print(told)  # noqa: T201  shown by `pytest -s`


@dataclass(frozen=True)
class Cut:
    """A moment at which a sender was cut off, by ``time.monotonic()``; ``until``: when the next
    began. What the relay had in its hands is accepted after the cut. ``kept_s``: so long the
    machine kept the sender from writing down what it wanted to.
    """

    at: float
    until: float
    kept_s: float

    def endangers(self, entry: Entry) -> bool:
        return self.at - IN_DANGER_S - self.kept_s <= entry.at < self.until


@dataclass
class Crowd:
    """``senders``: the Avvisos, in the order in which they were made."""

    store: OwnStore
    ledger: Ledger
    mail: dict[str, object] = field(default_factory=dict)
    undo: str = "1ms"
    senders: list[Sender] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    count: int = 0
    metronome: Metronome = field(default_factory=Metronome)

    def sender(self, role: str = "all") -> Sender:
        """One more, configured and not started."""
        made = Sender(role)
        sections: dict[str, dict[str, object]] = {
            "site": {"url": made.dsn, "state_dir": str(made.folder / "state")},
            "database": {"url": self.store.url},
            "mail": {"server": self.ledger.dsn, **self.mail},
            "letters": {"undo": self.undo, "first_after": "1h"},
        }
        whole = configuration.merged(configuration.SECTIONS, sections)
        made.configure(configuration.write(whole, SHOP))
        self.senders.append(made)
        return made

    def begin(self, sender: Sender) -> None:
        """Start it, and wait until it has its store."""
        sender.start()
        self.until(lambda: sender.is_ready)

    def gathers(self, count: int) -> None:
        """So many customers, all active."""
        table: sa.Table = Subscriber.__table__  # type: ignore[attr-defined]
        now = datetime.now(UTC)
        with self.store._engine.begin() as connection:
            connection.execute(sa.insert(table), [_customer(n, now) for n in range(count)])
        self.count = count

    def tell(self, sender: Avviso) -> None:
        """An operator says a first word, which nobody takes back."""
        said = sender.command_line("token", "create", "story", "--scope", "incidents")
        assert said.returncode == 0, said.stderr
        answer = Office(sender, said.stdout.split()[-1]).post("/incidents", WORD)
        assert answer.is_success, answer.text

    def kill(self, sender: Avviso) -> None:
        """`kill -9`; what it leaves is in danger until somebody goes on."""
        at, kept_s = time.monotonic(), self.metronome.latest()
        sender.die()
        self.cuts.append(Cut(at, time.monotonic(), kept_s))

    def freeze(self, sender: Avviso) -> None:
        """What it had accepted and not written down is in danger, and what it had begun."""
        at, kept_s = time.monotonic(), self.metronome.latest()
        os.killpg(sender.pid, signal.SIGSTOP)
        self.cuts.append(Cut(at, time.monotonic() + IN_DANGER_S, kept_s))

    def go_on(self, sender: Avviso) -> None:
        os.killpg(sender.pid, signal.SIGCONT)

    # ---- what came of it

    @property
    def told(self) -> int:
        """Letters accepted by now, repeats included."""
        return len(self.ledger.entries)

    def reaches(self, letters: int) -> bool:
        """Wait until so many letters are accepted; False: nothing waits any more."""
        self.until(lambda: self.told >= letters or not self.waiting())
        return bool(self.waiting())

    def waiting(self) -> int:
        """How much is not done yet."""
        return self.store.count("deliveries", "state = 'queued'") + self.store.count(
            "announcements", "spread_at IS NULL AND withdrawn_at IS NULL"
        )

    def everybody_is_told(self, within: float = 120) -> None:
        self.until(lambda: self.waiting() == 0 and self._names() == self.count, within)

    def repeats(self) -> list[Entry]:
        """Every acceptance but the first of each customer, each with the same Message-ID."""
        first: dict[str, Entry] = {}
        again = []
        for entry in self.ledger.entries:
            if first.setdefault(entry.recipient, entry) is not entry:
                assert entry.message_id == first[entry.recipient].message_id
                again.append(entry)
        return again

    def in_danger(self) -> int:
        """What the relay accepted in the 100 ms before each cut, and while the machine kept the
        sender from more, and what it had in its hands.
        """
        return sum(any(cut.endangers(one) for cut in self.cuts) for one in self.ledger.entries)

    def report(self, what: str) -> str:
        """Who was told how often: the counts to print."""
        states = self.store.rows("SELECT state, count(*) FROM deliveries GROUP BY state")
        engine = self.store.url.partition(":")[0]
        found = dict(tuple(row) for row in states)
        return (
            f"{engine}: {self.count} customers, {what}: {self.count - self._names()} without, "
            f"{len(self.repeats())} repeats (in danger: {self.in_danger()}), rows {found}, and the "
            f"machine was late by {1000 * max((one.kept_s for one in self.cuts), default=0):.0f} ms"
        )

    def holds(self, beside: int = 0) -> None:
        """Nobody without, nobody twice but for what was in danger, and so many more."""
        assert self._names() == self.count
        assert len(self.repeats()) <= self.in_danger() + beside
        rows = self.store.rows("SELECT state, count(*) FROM deliveries GROUP BY state")
        assert [tuple(row) for row in rows] == [("accepted", self.count)]

    def oldest_repeated_s(self) -> float:
        """How long before its cut the relay had accepted the oldest letter that was repeated;
        negative: after it.
        """
        before: dict[str, Entry] = {}
        ages = [0.0]
        for entry in self.ledger.entries:
            first = before.get(entry.recipient)
            before[entry.recipient] = entry
            if first is not None:
                between = [cut.at for cut in self.cuts if first.at < cut.until <= entry.at]
                ages.append(min(between, default=entry.at) - first.at)
        return max(ages)

    def until(self, condition: Callable[[], Any], within: float = 30) -> None:
        deadline = time.monotonic() + within
        while True:
            try:
                if condition():
                    return
            except NOT_YET:
                pass
            if time.monotonic() > deadline:
                logs = "\n".join(one.log()[-4000:] for one in self.senders)
                raise AssertionError(f"It did not come to be so: {self.report('')}\n{logs}")
            time.sleep(0.01)

    def _names(self) -> int:
        return len({one.recipient for one in list(self.ledger.entries)})


class Sender(Avviso):
    """`avviso serve --role …`."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self.role = role

    @property
    def is_ready(self) -> bool:
        answer = plain.get(f"{self.dsn}/readyz", timeout=5)
        return answer.status_code == 200

    def line(self, *words: str) -> list[str | Path]:
        more = ["--role", self.role] if words[0] == "serve" else []
        return [*super().line(*words), *more]


@contextmanager
def gathered(store_url: str, *, undo: str = "1ms", **mail: object) -> Iterator[Crowd]:
    """A crowd that is sent home at the end."""
    with Ledger() as ledger:
        crowd = Crowd(OwnStore(store_url), ledger, mail, undo)
        try:
            yield crowd
        finally:
            for sender in crowd.senders:
                sender.close()
            crowd.store.close()
            crowd.metronome.stop()


def _customer(n: int, now: datetime) -> dict[str, object]:
    return {
        "id": f"{n * 0x9E3779B97F4A7C15 % 2**64:016x}",
        "address": f"customer{n}@example.org",
        "language": ("en", "it")[n % 2],
        "components": [],
        "state": "active",
        "code": f"{n:022d}",
        "created_at": now,
        "confirmed_at": now,
    }
