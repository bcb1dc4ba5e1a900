"""Which failures are causes, and which only lie on a broken tier below?

A part that fails but still answers, over a part that is not fine, is a consequence of it.
A part that nobody answers for is a cause of its own, whatever lies below: one cause with
the others gone from the same server, when nothing else on that server still answers.
While a part below is doubtful, or was not looked at since the trouble above began, the
one above waits, no longer than its ``wait_until``. Nothing here looks at a clock, a
socket or a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    """How a part fares, as far as it is believed."""

    FINE = "fine"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is watched, and what it stands on.

    ``doubtful``: its last look contradicts what is believed of it. ``reached``: its last
    failing look was answered by somebody. ``servers``: labels and addresses of the machines
    it runs on. ``failing_since``: the first failing look, None when it is well.
    ``wait_until``: the latest time at which its trouble must be decided; None never waits.
    """

    id: str
    depends_on: tuple[str, ...] = ()
    state: Standing = Standing.FINE
    doubtful: bool = False
    reached: bool = True
    servers: frozenset[str] = frozenset()
    failing_since: datetime | None = None
    looked_at: datetime | None = None
    wait_until: datetime | None = None

    @property
    def is_gone(self) -> bool:
        """Down, and nobody even accepts its connections."""
        return self.state == Standing.DOWN and not self.reached


@dataclass(frozen=True, slots=True)
class Cause:
    """Where trouble began: one part, or all the parts of a server that is gone."""

    parts: tuple[str, ...]
    whole_server: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What ``find`` decided; parts are named by their ids, in the order they were given.

    ``consequences`` maps an affected part to the parts that caused its trouble.
    ``waiting`` are the failing parts of which nothing can be said yet.
    """

    causes: tuple[Cause, ...]
    consequences: Mapping[str, tuple[str, ...]]
    waiting: frozenset[str]


def find(parts: Iterable[Part], now: datetime) -> Finding:
    """Sort all that fails, at ``now``, into causes, consequences and what must wait."""
    known = {part.id: part for part in parts}
    failing = [part for part in known.values() if part.state != Standing.FINE]
    broken = {part.id: _broken_below(part, known) for part in failing}
    roots = {part.id for part in failing if part.is_gone or not broken[part.id]}
    waiting = {part.id for part in failing if part.id in roots and _must_wait(part, known, now)}
    consequences: dict[str, tuple[str, ...]] = {}
    for part in failing:
        if part.id in roots:
            continue
        blamed = tuple(lower for lower in broken[part.id] if lower in roots - waiting)
        if blamed:
            consequences[part.id] = blamed
        elif waiting.intersection(broken[part.id]):
            waiting.add(part.id)
        else:
            roots.add(part.id)  # a circle of parts, each only over another: none is dropped
    decided = [part for part in failing if part.id in roots - waiting]
    return Finding(tuple(_causes(decided, known)), consequences, frozenset(waiting))


def below(part_id: str, parts: Iterable[Part] | Mapping[str, Part]) -> frozenset[str]:
    """The ids of all known parts that one stands on, through any number of floors."""
    known = parts if isinstance(parts, Mapping) else {part.id: part for part in parts}
    return frozenset(_descend(part_id, known))


def _descend(part_id: str, known: Mapping[str, Part]) -> Iterator[str]:
    """Depth first, each part once: a circle ends where it began, itself left out."""
    seen = {part_id}
    ahead = [part_id]
    while ahead:
        part = known.get(ahead.pop())
        for lower in part.depends_on if part else ():
            if lower in known and lower not in seen:
                seen.add(lower)
                ahead.append(lower)
                yield lower


def _broken_below(part: Part, known: Mapping[str, Part]) -> tuple[str, ...]:
    lower = below(part.id, known)
    return tuple(
        other.id for other in known.values() if other.id in lower and other.state != Standing.FINE
    )


def _must_wait(part: Part, known: Mapping[str, Part], now: datetime) -> bool:
    """Is something below not yet known, and is there still time to ask?"""
    if part.wait_until is None or now >= part.wait_until:
        return False
    return any(_is_pending(known[lower], part) for lower in below(part.id, known))


def _is_pending(lower: Part, upper: Part) -> bool:
    """Seems fine, but may be failing: in doubt, or not asked since the trouble above began."""
    if lower.state != Standing.FINE:
        return False
    return lower.doubtful or not _asked_since(lower, upper.failing_since)


def _asked_since(part: Part, moment: datetime | None) -> bool:
    return moment is None or (part.looked_at is not None and part.looked_at >= moment)


def _causes(decided: list[Part], known: Mapping[str, Part]) -> Iterator[Cause]:
    """One cause for each part, but one together for those gone from the same server."""
    groups = {part.id: [part.id] for part in decided}
    neighbours = _by_server(known.values())
    for server, gone in sorted(_by_server(part for part in decided if part.is_gone).items()):
        if len(gone) > 1 and not _still_answers(gone, neighbours[server]):
            _join(groups, [part.id for part in gone])
    place = {part_id: n for n, part_id in enumerate(groups)}
    told: set[str] = set()
    for part_id, group in groups.items():
        if part_id not in told:
            told.update(group)
            yield Cause(tuple(sorted(group, key=place.__getitem__)), whole_server=len(group) > 1)


def _by_server(parts: Iterable[Part]) -> dict[str, list[Part]]:
    """Sorted once: a thousand parts that fail together must not be compared with each other."""
    found: dict[str, list[Part]] = {}
    for part in parts:
        for server in part.servers:
            found.setdefault(server, []).append(part)
    return found


def _still_answers(gone: list[Part], neighbours: list[Part]) -> bool:
    """Has another part on their server, asked since they went, been found alive?"""
    went = max((part.failing_since for part in gone if part.failing_since), default=None)
    others = (part for part in neighbours if not part.is_gone)
    return any(not part.doubtful and _asked_since(part, went) for part in others)


def _join(groups: dict[str, list[str]], ids: list[str]) -> None:
    together = list(dict.fromkeys(member for part_id in ids for member in groups[part_id]))
    groups.update(dict.fromkeys(together, together))
