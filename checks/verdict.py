"""What do we believe about a target, after this look?

A fold, one rule: a belief moves only as far as all of the last looks agree. It rises to
what the last ``confirm_failures`` looks were at the least, and falls to what the last
``confirm_recoveries`` were at the worst:

==========  ==================  ==========================  ==========================
belief      the look was well   the look was slow           the look failed
==========  ==================  ==========================  ==========================
UNKNOWN     WELL, at once       doubt, worse by failures    doubt, worse by failures
WELL        stands              doubt, worse by failures    doubt, worse by failures
SLOW        doubt, recovers     stands                      doubt, worse by failures
FAILED      doubt, recovers     doubt, recovers             stands
==========  ==================  ==========================  ==========================

A gap of our own, or a clock that stepped, empties the memory of looks: no data is not
"down", so it is looked at afresh before anything is believed. Nothing here looks at a
clock, a socket or a row: ``at`` is an argument.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import takewhile
from typing import Any

from checks.result import Fault, Grade, Result

GAP_INTERVALS = 3
GAP_EXTRA = timedelta(minutes=1)
# Two machines' clocks differ a little, and both write verdicts of the same check: an `at`
# this much earlier than the last look is no clock that stepped back.
SKEW = timedelta(seconds=1)


class Belief(StrEnum):
    """What we hold to be true of a target; the words of ``Grade``, and not knowing."""

    UNKNOWN = "unknown"
    WELL = "well"
    SLOW = "slow"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Policy:
    """How often to look and how soon to believe; the defaults are those of the settings."""

    interval: timedelta = timedelta(seconds=15)
    confirm_failures: int = 3
    confirm_recoveries: int = 2
    confirm_interval: timedelta = timedelta(seconds=3)
    flap_changes: int = 5
    flap_within: timedelta = timedelta(minutes=10)
    flap_steady: timedelta = timedelta(minutes=5)

    @property
    def gap(self) -> timedelta:
        """Looks further apart than this do not belong together."""
        return GAP_INTERVALS * max(self.interval, self.confirm_interval) + GAP_EXTRA


@dataclass(frozen=True, slots=True)
class Look:
    """One remembered look: when it was and how it went."""

    at: datetime
    grade: Grade


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is believed of one target, and all that the next judgement needs.

    ``since`` is the first look that showed what is believed, not its confirmation;
    ``doubt_since`` the first of the latest looks that all contradict the belief.
    ``changes`` are the times at which the belief moved, as far back as flapping needs.
    ``latest`` is the last result, ``failure`` the last that was not well.
    """

    belief: Belief = Belief.UNKNOWN
    since: datetime | None = None
    doubt_since: datetime | None = None
    recent: tuple[Look, ...] = ()
    changes: tuple[datetime, ...] = ()
    flapping: bool = False
    looked_at: datetime | None = None
    latest: Result | None = None
    failure: Result | None = None

    @property
    def in_doubt(self) -> bool:
        """True while the last look contradicts what is believed."""
        return self.doubt_since is not None

    @property
    def streak(self) -> int:
        """How many of the last looks, in a row, contradict the belief."""
        return len(_contradicting(self.belief, self.recent))

    @property
    def reached(self) -> bool:
        """Whether the last failing look was answered by anybody (see ``Result``)."""
        return self.failure is None or self.failure.reached

    @property
    def failing_since(self) -> datetime | None:
        """The first look of the trouble that is believed, or else suspected; None when well."""
        if self.belief in (Belief.SLOW, Belief.FAILED):
            return self.since
        return self.doubt_since


def judge(verdict: Verdict, result: Result, policy: Policy, at: datetime) -> Verdict:
    """The verdict after one more result, seen ``at`` (aware)."""
    verdict = _without_stale(verdict, policy, at)
    recent = _remember(verdict.recent, Look(at, result.grade), policy)
    belief, since = _believe(verdict, recent, policy)
    changed = verdict.belief not in (belief, Belief.UNKNOWN)
    changes = _changes(verdict.changes + ((at,) if changed else ()), policy, at)
    doubt_since = verdict.doubt_since if belief == verdict.belief else None
    return Verdict(
        belief=belief,
        since=since,
        doubt_since=_doubt(belief, recent, doubt_since),
        recent=recent,
        changes=changes,
        flapping=_flaps(verdict.flapping, changes, policy, at),
        looked_at=at,
        latest=result,
        failure=verdict.failure if result.grade == Grade.WELL else result,
    )


def next_look(verdict: Verdict, policy: Policy) -> timedelta:
    """How long until the next look: soon while in doubt, failing or recovering."""
    if verdict.in_doubt or verdict.belief == Belief.FAILED:
        return min(policy.confirm_interval, policy.interval)
    return policy.interval


def _without_stale(verdict: Verdict, policy: Policy, at: datetime) -> Verdict:
    """Forget the looks before a gap of ours, and every time that lies in the future."""
    looked_at = verdict.looked_at
    if looked_at is None or -SKEW <= at - looked_at <= policy.gap:
        return verdict
    return replace(
        verdict,
        since=min(verdict.since, at) if verdict.since else None,
        doubt_since=None,
        recent=(),
        changes=tuple(moved for moved in verdict.changes if moved <= at),
    )


def _remember(recent: tuple[Look, ...], look: Look, policy: Policy) -> tuple[Look, ...]:
    return (*recent, look)[-max(policy.confirm_failures, policy.confirm_recoveries) :]


def _believe(
    verdict: Verdict, recent: tuple[Look, ...], policy: Policy
) -> tuple[Belief, datetime | None]:
    """The belief, and since when: the first of the looks that moved it."""
    worse = recent[-policy.confirm_failures :] if len(recent) >= policy.confirm_failures else ()
    better = (
        recent[-policy.confirm_recoveries :] if len(recent) >= policy.confirm_recoveries else ()
    )
    if verdict.belief == Belief.UNKNOWN:
        return _first_belief(recent[-1], worse)
    held = Grade(verdict.belief)
    floor = min((look.grade for look in worse), key=_weight, default=held)
    ceiling = max((look.grade for look in better), key=_weight, default=held)
    if floor.weight > held.weight:
        return Belief(floor), worse[0].at
    if ceiling.weight < held.weight:
        return Belief(ceiling), better[0].at
    return verdict.belief, verdict.since


def _first_belief(last: Look, worse: tuple[Look, ...]) -> tuple[Belief, datetime | None]:
    """Good news is believed at once; a cold first answer is often slow, so slow is not."""
    if last.grade == Grade.WELL:
        return Belief.WELL, last.at
    if worse:
        return Belief(min((look.grade for look in worse), key=_weight)), worse[0].at
    return Belief.UNKNOWN, None


def _weight(grade: Grade) -> int:
    return grade.weight


def _contradicting(belief: Belief, recent: tuple[Look, ...]) -> list[Look]:
    """The latest looks that all speak against the belief, the last one first."""
    return list(takewhile(lambda look: look.grade.value != belief.value, reversed(recent)))


def _doubt(belief: Belief, recent: tuple[Look, ...], before: datetime | None) -> datetime | None:
    against = _contradicting(belief, recent)
    if not against:
        return None
    # A doubt may last longer than the looks that are remembered (slow, in turns well and failed).
    return before or against[-1].at


def _changes(changes: tuple[datetime, ...], policy: Policy, at: datetime) -> tuple[datetime, ...]:
    reach = max(policy.flap_within, policy.flap_steady)
    return tuple(moved for moved in changes if at - moved <= reach)


def _flaps(before: bool, changes: tuple[datetime, ...], policy: Policy, at: datetime) -> bool:
    lately = [moved for moved in changes if at - moved <= policy.flap_within]
    if len(lately) >= policy.flap_changes:
        return at - lately[-1] < policy.flap_steady
    return before and bool(changes) and at - changes[-1] < policy.flap_steady


def freeze(verdict: Verdict) -> dict[str, Any]:
    """The verdict as JSON has it; times in ISO 8601 with their offset."""
    return {
        "belief": verdict.belief.value,
        "since": _written(verdict.since),
        "doubt_since": _written(verdict.doubt_since),
        "recent": [[look.at.isoformat(), look.grade.value] for look in verdict.recent],
        "changes": [moved.isoformat() for moved in verdict.changes],
        "flapping": verdict.flapping,
        "looked_at": _written(verdict.looked_at),
        "latest": asdict(verdict.latest) if verdict.latest else None,
        "failure": asdict(verdict.failure) if verdict.failure else None,
    }


def thaw(frozen: Mapping[str, Any]) -> Verdict:
    """What ``freeze`` wrote; an empty mapping is the verdict before any look."""
    return Verdict(
        belief=Belief(frozen.get("belief", Belief.UNKNOWN)),
        since=_time(frozen.get("since")),
        doubt_since=_time(frozen.get("doubt_since")),
        recent=tuple(
            Look(datetime.fromisoformat(at), Grade(grade)) for at, grade in frozen.get("recent", ())
        ),
        changes=tuple(datetime.fromisoformat(moved) for moved in frozen.get("changes", ())),
        flapping=bool(frozen.get("flapping", False)),
        looked_at=_time(frozen.get("looked_at")),
        latest=_result(frozen.get("latest")),
        failure=_result(frozen.get("failure")),
    )


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _time(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


def _result(frozen: Mapping[str, Any] | None) -> Result | None:
    if frozen is None:
        return None
    fault = frozen["fault"]
    grade = Grade(frozen["grade"])
    return Result(**{**frozen, "grade": grade, "fault": Fault(fault) if fault else None})
