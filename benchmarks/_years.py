"""What would the database hold after years of incidents that were told well?

Incidents as operators and machine leave them, spread evenly: a cause, a consequence, so many
updates in two languages, the promises between them, what was measured of the letters, and the
postmortem with what was changed. Their deliveries are long swept.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from benchmarks._stores import put
from statuspage.database import Store
from statuspage.rules.fanouts import Fanout
from statuspage.rules.words import PARTS
from statuspage.settings import Settings
from statuspage.tables import (
    Announcement,
    Cause,
    Incident,
    Postmortem,
    PostmortemAction,
    Promise,
    Share,
    Update,
)

Row = dict[str, Any]
ENGLISH = """
a about after again all also an and answers are as at back because been before begin being
between but by cache can cannot change checkout cluster code connection customers data
database day disk done each email engineers error everything failed few fine first five
for found from full half has have hours how if in index is it its lag last load login
longer many memory minutes more most network new no none not now of old on one only or
orders other our page parts pay payment people placed pool queue reads records release
replica requests restart rolled root router safe search second seconds sees servers shop
should since slow small so some standby started still store switch table team than that
the their them then there these they this those three through time to traffic two under
until update us version wait was watch we were what when where which while who will with
without work writes yet you
""".split()  # noqa: SIM905  so are they read
ITALIAN = """
a abbiamo al alla anche ancora aperto bene cache carico che clienti codice coda come con
connessione cui da dal dati del della delle di disco dopo due e entro era errore fa fatto
fine fino fra già giorno gli ha hanno i il in indice invio la lavoro le lenta lettura lo
loro ma memoria mentre minuti modo molti negozio nel nessuno noi non nostra nostro nuova
nuovo ogni ora ordini ore pagamento pagina parte per perché persone però pieno più poi
possono presto prima qualche quando quasi quella questo rete richieste ricerca riserva
risponde se secondi sempre server si sia sicuro sistema solo sono spazio stata stato su
sua tabella tecnici tempo tre tutti tutto un una uno versione vedono vengono verso via
vuota
""".split()  # noqa: SIM905  so are they read
AT_ONCE = 2_000
BETWEEN_UPDATES = timedelta(minutes=9)
MAILED = 4
"""So many of an incident's updates were written to customers."""
_WENT = Fanout(sent=900, first_s=0.8, p50_s=2.1, p95_s=3.9, p99_s=4.2, last_s=4.4).freeze()


@dataclass(frozen=True)
class Years:
    """How much there is."""

    settings: Settings
    until: datetime
    years: float
    a_week: int
    updates: int

    def each(self) -> Iterator[tuple[str, int, datetime]]:
        """An incident each: its id, its number, and when it began."""
        count = int(self.years * 365 / 7 * self.a_week)
        pace = timedelta(days=7) / max(self.a_week, 1)
        for n in range(count):
            yield f"{n:012}", n, self.until - pace * (count - n)

    def component(self, n: int) -> str:
        return self.settings.components[n % len(self.settings.components)].id


async def fill(store: Store, years: Years) -> int:
    """Answers how many rows; the components' own are there."""
    rows = 0
    for table, row_of in (
        (Incident, _incidents),
        (Cause, _causes),
        (Share, _shares),
        (Update, _updates),
        (Promise, _promises),
        (Announcement, _announcements),
        (Postmortem, _postmortems),
        (PostmortemAction, _actions),
    ):
        rows += await put(store, table, row_of(years), AT_ONCE)
    return rows


def _over(years: Years, begun: datetime) -> datetime:
    """The last word but one says that it is over; the last is what was learned."""
    return begun + BETWEEN_UPDATES * (years.updates - 2)


def _incidents(years: Years) -> Iterator[Row]:
    for id, n, begun in years.each():
        over = _over(years, begun)
        yield {
            "id": id, "name": f"Orders are delayed ({n})", "language": "en", "automatic": True,
            "status": "postmortem" if years.updates > 1 else "resolved", "impact": "critical",
            "started_at": begun, "noticed_at": begun, "created_at": begun, "shown_at": begun,
            "updated_at": over + BETWEEN_UPDATES, "acknowledged_at": begun, "spoken_at": begun,
            "monitoring_at": over, "resolved_at": over, "resolved_by": "ada",
        }  # fmt: skip


def _causes(years: Years) -> Iterator[Row]:
    for id, n, begun in years.each():
        row = {"incident_id": id, "component_id": years.component(n), "says": "Timed out."}
        yield row | {"since": begun, "confirmed_at": begun, "ended_at": _over(years, begun)}


def _shares(years: Years) -> Iterator[Row]:
    for id, n, _ in years.each():
        parts = dict.fromkeys((years.component(n), years.component(n + 1)))
        for position, component in enumerate(parts):
            role = "affected" if position else "cause"
            row = {"incident_id": id, "component_id": component, "role": role}
            yield row | {"worst": "major_outage", "status": "operational", "position": position}


def _updates(years: Years) -> Iterator[Row]:
    for id, n, begun in years.each():
        for number in range(1, years.updates + 1):
            at = begun + BETWEEN_UPDATES * (number - 1)
            yield {"incident_id": id, "n": number, "at": at} | _said(years, n, number)


def _said(years: Years, n: int, number: int) -> Row:
    old, new = _statuses(number, years.updates)
    changes = [{"component_id": years.component(n), "old": old, "new": new}] if old != new else []
    is_machine = number == 1 and years.updates > 1
    row: Row = {"status": _phase(number, years.updates), "changes": changes}
    row |= {"notify": number % 3 == 0, "by": "machine" if is_machine else "human"}
    row |= {"kind": "noticed" if is_machine else "words", "author": None if is_machine else "ada"}
    told = (
        {}
        if is_machine
        else _in_two_languages(n * years.updates + number, is_later=number > years.updates // 2)
    )
    names = ("what_happened", "what_we_are_doing", "how_we_prevent_it", "language")
    return row | {name: told.get(name) for name in names} | {"translations": told.get("it", {})}


def _in_two_languages(seed: int, *, is_later: bool) -> Row:
    """No two alike: what repeats itself is compressed in no time, and people do not."""
    chance = random.Random(seed)
    lengths = (30, 25, 12 if is_later else 0)
    english, italian = (_in_parts(chance, words, lengths) for words in (ENGLISH, ITALIAN))
    return english | {"language": "en", "it": {"it": italian}}


def _in_parts(chance: random.Random, words: list[str], lengths: tuple[int, ...]) -> Row:
    told = (" ".join(chance.choices(words, k=length)).capitalize() for length in lengths)
    return {part: f"{text}." if text else None for part, text in zip(PARTS, told, strict=True)}


def _statuses(number: int, updates: int) -> tuple[str, str]:
    if number == 1:
        return "operational", "major_outage"
    return ("major_outage", "operational") if number == updates - 2 else ("", "")


def _phase(number: int, updates: int) -> str:
    if number >= updates - 1:
        return "resolved" if number == updates - 1 else "postmortem"
    phases = ("investigating", "identified", "monitoring")
    return phases[3 * (number - 1) // max(updates - 2, 1)]


def _promises(years: Years) -> Iterator[Row]:
    for id, _, begun in years.each():
        for number in range(1, years.updates - 1):
            made = begun + BETWEEN_UPDATES * (number - 1)
            row = {"incident_id": id, "update_n": number, "by": "human", "made_at": made}
            kept = made + BETWEEN_UPDATES
            yield row | {"due_at": made + timedelta(minutes=30), "kept_at": kept}


def _announcements(years: Years) -> Iterator[Row]:
    for id, _, begun in years.each():
        for number in range(1, min(MAILED, years.updates) + 1):
            at = begun + BETWEEN_UPDATES * (number - 1)
            yield {
                "id": f"{id}-{number}", "occasion": "update", "incident_id": id,
                "update_n": number, "facts": {}, "created_at": at, "due_at": at, "slices": 1,
                "slices_done": 1, "spread_at": at, "mailed_at": at, "measured": _WENT,
                "counted_at": at, "measured_at": at,
            }  # fmt: skip


def _postmortems(years: Years) -> Iterator[Row]:
    if years.updates > 1:
        for id, _, _ in years.each():
            yield {"incident_id": id, "update_n": years.updates, "credit": {}}


def _actions(years: Years) -> Iterator[Row]:
    if years.updates > 1:
        for id, _, begun in years.each():
            row = {"incident_id": id, "update_n": years.updates, "n": 1, "done_by": "ada"}
            row |= {"text": "Watch how full each disk is.", "due": begun.date()}
            yield row | {"translations": {"it": "Controllare i dischi."}, "done_at": begun}
