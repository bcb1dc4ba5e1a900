"""Which incidents begin, go on, ease and end, by what the checks believe?

``decide`` looks at a ``World`` and answers decisions; ``actions.incidents`` carries them
out. It keeps to these rules:

* one incident for what hangs together: what touches an open incident's components
  belongs to it, and so does whatever is confirmed within a minute of it;
* only news opens: a failure that was settled before (an operator may have closed its
  incident) does not open another by itself;
* a cause that fails again soon after goes on with the same incident;
* once a person has spoken, the machine notes recovery and no more; it resolves only what has
  long been well and was forgotten;
* what is muted (under maintenance, or held by hand) opens nothing and makes nothing worse,
  nor does what fails only because of it; an incident that it began before goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from checks.causes import Cause, Finding
from statuspage.rules.muting import excused, heard
from statuspage.vocabulary import Role, Status

JOIN_WITHIN = timedelta(seconds=60)
MANY_CAUSES = 10
"""So many causes that share no server, within ``JOIN_WITHIN``: it may be us."""


@dataclass(frozen=True, slots=True)
class Known:
    """An incident as the store has it. ``shares``: component -> status now; ``by_hand``:
    shares that a person set, which the checks do not touch.
    """

    id: str
    automatic: bool
    noticed_at: datetime
    causes: frozenset[str]
    past_causes: frozenset[str]
    shares: Mapping[str, Status]
    by_hand: frozenset[str] = frozenset()
    spoken: bool = False
    recovered_at: datetime | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class World:
    """What the checks believe now, and the incidents that are open or were until lately.

    ``statuses`` holds every component by its checks alone; ``fresh`` the components whose
    belief changed and is not settled yet; ``muted`` those whose failures open nothing
    (under maintenance, or held by hand), which are never fresh.
    """

    finding: Finding
    statuses: Mapping[str, Status]
    fresh: frozenset[str]
    incidents: tuple[Known, ...]
    reopen_within: timedelta
    muted: frozenset[str] = frozenset()
    servers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Component -> the machines it runs on, where that is known."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What an incident consists of: its causes, and each component's role and status."""

    causes: tuple[str, ...]
    shares: Mapping[str, tuple[Role, Status]]
    whole_server: bool = False


@dataclass(frozen=True, slots=True)
class Open:
    """A new incident. ``many``: so many causes at once that its letters wait for a person."""

    shape: Shape
    many: bool = False


@dataclass(frozen=True, slots=True)
class Extend:
    """More, or worse, than before. ``again``: it had recovered, or had been resolved."""

    incident_id: str
    shape: Shape
    again: bool = False
    many: bool = False


@dataclass(frozen=True, slots=True)
class Ease:
    """Less than before, not yet over."""

    incident_id: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Recover:
    """All of its checks are well: ``monitoring``, at once."""

    incident_id: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Resolve:
    """Well for ``all_clear_after``, and nobody has spoken; or well for ``close_after``, and who
    spoke has not ended it (``forgotten``): over.
    """

    incident_id: str
    forgotten: bool = False


Decision = Open | Extend | Ease | Recover | Resolve


@dataclass(slots=True)
class _Group:
    """The causes that one incident holds in this round."""

    causes: list[Cause] = field(default_factory=list)

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(part for cause in self.causes for part in cause.parts)


def decide(world: World, now: datetime) -> tuple[Decision, ...]:
    """All decisions of one round, each incident at most once."""
    homes, homeless = _houses(world, now)
    decisions: list[Decision] = []
    for incident in world.incidents:
        decision = _go_on(world, incident, homes.get(incident.id, _Group()), now)
        if decision is not None:
            decisions.append(decision)
    if homeless.causes:
        decisions.append(Open(_shape(world, homeless, None), many=_too_many(world, homeless)))
    return tuple(decisions)


def due_to_resolve(
    incidents: tuple[Known, ...], all_clear_after: timedelta, close_after: timedelta, now: datetime
) -> Iterator[Resolve]:
    """What has been well for long enough: ``close_after`` where a person speaks, who may end it
    sooner; what no check has a part in never recovers by itself.
    """
    for incident in incidents:
        if incident.resolved_at is not None or incident.recovered_at is None:
            continue
        forgotten = incident.spoken or not incident.automatic
        if incident.recovered_at + (close_after if forgotten else all_clear_after) <= now:
            yield Resolve(incident.id, forgotten)


def _houses(world: World, now: datetime) -> tuple[dict[str, _Group], _Group]:
    homes: dict[str, _Group] = {}
    homeless = _Group()
    begun = {id for one in world.incidents if one.resolved_at is None for id in one.causes}
    for cause in heard(world.finding, world.muted, begun):
        home = _home(world, cause, now)
        if home is not None:
            homes.setdefault(home.id, _Group()).causes.append(cause)
        elif world.fresh & _touched(world, cause):
            homeless.causes.append(cause)
    return homes, homeless


def _touched(world: World, cause: Cause) -> frozenset[str]:
    """A cause's components and those that suffer from it, the muted ones left out."""
    parts = frozenset(cause.parts)
    return parts | {
        affected
        for affected, causes in world.finding.consequences.items()
        if parts.intersection(causes) and affected not in world.muted
    }


def _home(world: World, cause: Cause, now: datetime) -> Known | None:
    """The incident that a cause belongs to: the one that has it, one that names what it
    touches, a young one, or a past one.
    """
    touched = _touched(world, cause)
    open_ones = [one for one in world.incidents if one.resolved_at is None]
    holders = [one for one in open_ones if one.causes.intersection(cause.parts)]
    holders += [one for one in open_ones if touched & one.shares.keys()]
    if holders:
        return holders[0]
    if not touched & world.fresh:
        return None
    for incident in open_ones:
        if incident.automatic and now - incident.noticed_at <= JOIN_WITHIN:
            return incident
    for incident in world.incidents:
        if _just_ended(world, incident, now) and incident.past_causes.intersection(cause.parts):
            return incident
    return None


def _just_ended(world: World, incident: Known, now: datetime) -> bool:
    ended = incident.resolved_at
    return incident.automatic and ended is not None and now - ended <= world.reopen_within


def _go_on(world: World, incident: Known, group: _Group, now: datetime) -> Decision | None:
    shape = _shape(world, group, incident)
    if incident.resolved_at is not None:
        return Extend(incident.id, shape, again=True) if group.causes else None
    if not group.causes:
        return _calm(incident, shape)
    if incident.recovered_at is not None:
        return Extend(incident.id, shape, again=True)
    if set(shape.causes) == incident.causes and _statuses(shape) == dict(incident.shares):
        return None
    if _is_worse(incident, shape):
        at_once = now - incident.noticed_at <= JOIN_WITHIN
        return Extend(incident.id, shape, many=at_once and _too_many(world, group))
    return Ease(incident.id, shape)


def _calm(incident: Known, shape: Shape) -> Decision | None:
    """No cause is left: it has recovered, unless the checks never had a part in it."""
    by_checks = incident.causes or (incident.shares.keys() - incident.by_hand)
    if not by_checks or incident.recovered_at is not None:
        return None
    troubled = [
        id
        for id, (_, status) in shape.shares.items()
        if id not in incident.by_hand and status is not Status.OPERATIONAL
    ]
    if not troubled:
        return Recover(incident.id, shape)
    is_news = incident.causes or _statuses(shape) != dict(incident.shares)
    return Ease(incident.id, shape) if is_news else None


def _is_worse(incident: Known, shape: Shape) -> bool:
    return bool(set(shape.causes) - incident.causes) or any(
        status.severity > incident.shares.get(id, Status.OPERATIONAL).severity
        for id, (_, status) in shape.shares.items()
    )


def _statuses(shape: Shape) -> dict[str, Status]:
    return {id: status for id, (_, status) in shape.shares.items()}


def _shape(world: World, group: _Group, incident: Known | None) -> Shape:
    """The incident as it is after this round; a component once named stays named."""
    shares = _present_shares(world, incident) if incident else {}
    for cause in group.causes:
        for id in sorted(_touched(world, cause) - set(cause.parts)):
            shares[id] = (Role.AFFECTED, world.statuses[id])
    for part in group.parts:
        shares[part] = (Role.CAUSE, _status(world, incident, part))
    whole = any(cause.whole_server for cause in group.causes)
    return Shape(group.parts, shares, whole)


def _present_shares(world: World, incident: Known) -> dict[str, tuple[Role, Status]]:
    """What it named before: where it began stays its cause, however well that is by now.
    What left the configuration is asked by nobody any more, and must not keep it open.
    """
    began = incident.causes | incident.past_causes
    return {
        id: (
            Role.CAUSE if id in began else Role.AFFECTED,
            status if id in incident.by_hand else _status(world, incident, id),
        )
        for id, status in incident.shares.items()
    }


def _status(world: World, incident: Known | None, id: str) -> Status:
    """By its checks; of what is muted, or fails because of that, no worse than it was."""
    now = world.statuses.get(id, Status.OPERATIONAL)
    if incident is None or id not in excused(world.finding, world.muted):
        return now
    before = incident.shares.get(id, Status.OPERATIONAL)
    return min(before, now, key=lambda status: status.severity)


def _too_many(world: World, group: _Group) -> bool:
    """Ten causes or more; those that share a server count as one, whatever they answer."""
    seen: set[str] = set()
    alone = 0
    for cause in group.causes:
        servers = {server for part in cause.parts for server in world.servers.get(part, ())}
        alone += seen.isdisjoint(servers)
        seen |= servers
    return alone >= MANY_CAUSES
