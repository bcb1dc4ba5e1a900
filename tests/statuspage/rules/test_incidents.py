"""Do incidents begin, go on and end as their rules say? A table of rounds."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from checks.causes import Cause, Finding
from statuspage.rules.incidents import (
    Decision,
    Ease,
    Extend,
    Known,
    Open,
    Recover,
    Resolve,
    World,
    decide,
    due_to_resolve,
)
from statuspage.vocabulary import Role, Status

NOW = datetime(2026, 3, 1, 3, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=3)
MINUTE = timedelta(minutes=1)
OK, SLOW, OUT = Status.OPERATIONAL, Status.DEGRADED, Status.MAJOR_OUTAGE


def world(
    *incidents: Known,
    causes: tuple[Cause, ...] = (),
    consequences: Mapping[str, tuple[str, ...]] | None = None,
    waiting: frozenset[str] = frozenset(),
    fresh: tuple[str, ...] = (),
    statuses: Mapping[str, Status] | None = None,
    muted: frozenset[str] = frozenset(),
) -> World:
    troubled = {part: OUT for cause in causes for part in cause.parts}
    troubled |= dict.fromkeys(consequences or {}, OUT)
    known = {"db": OK, "shop": OK, "blog": OK} | troubled | dict(statuses or {})
    return World(
        finding=Finding(causes, consequences or {}, waiting),
        statuses=known,
        fresh=frozenset(fresh),
        incidents=incidents,
        reopen_within=timedelta(hours=1),
        muted=muted,
    )


def incident(
    *causes: str,
    shares: Mapping[str, Status] | None = None,
    automatic: bool = True,
    noticed_at: datetime = LONG_AGO,
    past: tuple[str, ...] = (),
    by_hand: tuple[str, ...] = (),
    spoken: bool = False,
    recovered_at: datetime | None = None,
    resolved_at: datetime | None = None,
    id: str = "one",
) -> Known:
    return Known(
        id=id,
        automatic=automatic,
        noticed_at=noticed_at,
        causes=frozenset(causes),
        past_causes=frozenset(past),
        shares=shares if shares is not None else dict.fromkeys(causes, OUT),
        by_hand=frozenset(by_hand),
        spoken=spoken,
        recovered_at=recovered_at,
        resolved_at=resolved_at,
    )


def only(decisions: tuple[Decision, ...]) -> Decision:
    assert len(decisions) == 1, decisions
    return decisions[0]


def test_a_broken_database_opens_one_incident_with_the_shop_listed_as_affected() -> None:
    told = only(
        decide(
            world(causes=(Cause(("db",)),), consequences={"shop": ("db",)}, fresh=("db", "shop")),
            NOW,
        )
    )
    assert isinstance(told, Open)
    assert told.shape.causes == ("db",)
    assert told.shape.shares == {"db": (Role.CAUSE, OUT), "shop": (Role.AFFECTED, OUT)}
    assert not told.shape.whole_server


def test_two_causes_at_once_are_two_causes_of_one_incident() -> None:
    told = only(decide(world(causes=(Cause(("db",)), Cause(("blog",))), fresh=("db", "blog")), NOW))
    assert isinstance(told, Open)
    assert told.shape.causes == ("db", "blog")


def test_a_dead_server_is_said_to_be_whole() -> None:
    told = only(
        decide(world(causes=(Cause(("db", "shop"), whole_server=True),), fresh=("db",)), NOW)
    )
    assert isinstance(told, Open)
    assert told.shape.whole_server


def test_a_failure_that_was_settled_before_opens_nothing_by_itself() -> None:
    assert decide(world(causes=(Cause(("db",)),)), NOW) == ()


def test_what_waits_for_a_tier_below_is_not_decided() -> None:
    waiting = world(causes=(), waiting=frozenset({"shop"}), fresh=("shop",), statuses={"shop": OUT})
    assert decide(waiting, NOW) == ()


def test_what_is_under_maintenance_opens_nothing() -> None:
    muted = world(causes=(Cause(("db",)),), fresh=("db",), muted=frozenset({"db"}))
    assert decide(muted, NOW) == ()


@pytest.mark.parametrize(
    ("noticed", "decision"),
    [
        (NOW - timedelta(seconds=59), Extend),
        (NOW - timedelta(seconds=61), Open),
    ],
)
def test_a_cause_confirmed_within_a_minute_joins_the_incident(
    noticed: datetime, decision: type
) -> None:
    known = incident("db", noticed_at=noticed)
    told = decide(world(known, causes=(Cause(("db",)), Cause(("blog",))), fresh=("blog",)), NOW)
    assert isinstance(only(told), decision)


def test_a_cause_found_below_an_open_incident_belongs_to_it_at_any_time() -> None:
    known = incident("shop")
    told = only(
        decide(
            world(known, causes=(Cause(("db",)),), consequences={"shop": ("db",)}, fresh=("db",)),
            NOW,
        )
    )
    assert isinstance(told, Extend)
    assert told.shape.causes == ("db",)
    assert told.shape.shares["db"][0] is Role.CAUSE
    assert told.shape.shares["shop"][0] is Role.AFFECTED


def test_nothing_new_is_no_decision() -> None:
    known = incident("db", shares={"db": OUT, "shop": OUT})
    assert decide(world(known, causes=(Cause(("db",)),), consequences={"shop": ("db",)}), NOW) == ()


def test_the_shop_back_while_the_database_is_out_eases() -> None:
    known = incident("db", shares={"db": OUT, "shop": OUT})
    told = only(decide(world(known, causes=(Cause(("db",)),)), NOW))
    assert isinstance(told, Ease)
    assert told.shape.shares["shop"] == (Role.AFFECTED, OK)


def test_all_well_is_recovered_and_the_causes_stay_named() -> None:
    known = incident("db", shares={"db": OUT, "shop": OUT})
    told = only(decide(world(known), NOW))
    assert isinstance(told, Recover)
    assert told.shape.shares == {"db": (Role.CAUSE, OK), "shop": (Role.AFFECTED, OK)}


def test_recovering_is_said_once() -> None:
    known = incident(shares={"db": OK}, past=("db",), recovered_at=NOW - timedelta(seconds=5))
    assert decide(world(known), NOW) == ()


def test_failing_again_before_the_all_clear_goes_on() -> None:
    known = incident(shares={"db": OK}, past=("db",), recovered_at=NOW - timedelta(minutes=2))
    told = only(decide(world(known, causes=(Cause(("db",)),), fresh=("db",)), NOW))
    assert isinstance(told, Extend)
    assert told.again


@pytest.mark.parametrize(
    ("ended", "decision"),
    [
        (NOW - timedelta(minutes=59), Extend),
        (NOW - timedelta(minutes=61), Open),
    ],
)
def test_the_same_cause_again_within_reopen_within_is_the_same_incident(
    ended: datetime, decision: type
) -> None:
    known = incident(shares={"db": OK}, past=("db",), recovered_at=ended, resolved_at=ended)
    told = only(decide(world(known, causes=(Cause(("db",)),), fresh=("db",)), NOW))
    assert isinstance(told, decision)


def test_another_cause_after_the_end_is_another_incident() -> None:
    known = incident(shares={"db": OK}, past=("db",), resolved_at=NOW - timedelta(minutes=5))
    told = only(decide(world(known, causes=(Cause(("blog",)),), fresh=("blog",)), NOW))
    assert isinstance(told, Open)


def test_what_a_person_said_of_a_component_is_not_taken_back_by_its_checks() -> None:
    known = incident(
        shares={"shop": SLOW}, by_hand=("shop",), automatic=False, spoken=True, noticed_at=LONG_AGO
    )
    assert decide(world(known), NOW) == ()


def test_a_failure_of_a_component_that_a_person_named_joins_their_incident() -> None:
    known = incident(shares={"shop": OUT}, by_hand=("shop",), automatic=False, spoken=True)
    told = only(decide(world(known, causes=(Cause(("shop",)),), fresh=("shop",)), NOW))
    assert isinstance(told, Extend)
    assert told.incident_id == "one"


def test_ten_causes_may_be_ourselves_and_nine_are_not() -> None:
    causes = tuple(Cause((f"part{n}",)) for n in range(10))
    names = tuple(part for cause in causes for part in cause.parts)
    ten = only(decide(world(causes=causes, fresh=names), NOW))
    nine = only(decide(world(causes=causes[:9], fresh=names), NOW))
    assert isinstance(ten, Open)
    assert isinstance(nine, Open)
    assert (ten.many, nine.many) == (True, False)


def test_ten_parts_on_one_server_are_one_cause() -> None:
    names = tuple(f"part{n}" for n in range(10))
    told = only(decide(world(causes=(Cause(names, whole_server=True),), fresh=names), NOW))
    assert isinstance(told, Open)
    assert not told.many


@pytest.mark.parametrize(
    ("known", "resolved"),
    [
        (incident(past=("db",), recovered_at=NOW - 5 * MINUTE), Resolve("one")),
        (incident(past=("db",), recovered_at=NOW - 4 * MINUTE), None),
        (incident(past=("db",), recovered_at=NOW - 119 * MINUTE, spoken=True), None),
        (incident(past=("db",), recovered_at=NOW - 119 * MINUTE, automatic=False), None),
        (
            incident(past=("db",), recovered_at=NOW - 120 * MINUTE, spoken=True),
            Resolve("one", forgotten=True),
        ),
        (
            incident(past=("db",), recovered_at=NOW - 120 * MINUTE, automatic=False),
            Resolve("one", forgotten=True),
        ),
        (incident(past=("db",), recovered_at=LONG_AGO, resolved_at=LONG_AGO), None),
        (incident("db"), None),
        (incident(shares={"db": OUT}, by_hand=("db",), spoken=True), None),
    ],
)
def test_the_machine_ends_what_nobody_has_spoken_for_and_what_was_forgotten(
    known: Known, resolved: Resolve | None
) -> None:
    told = tuple(due_to_resolve((known,), 5 * MINUTE, 120 * MINUTE, NOW))
    assert told == ((resolved,) if resolved else ())


QUIET = frozenset({"shop"})


def test_what_is_muted_opens_nothing() -> None:
    assert decide(world(causes=(Cause(("shop",)),), fresh=("shop",), muted=QUIET), NOW) == ()


def test_what_fails_only_because_of_it_opens_nothing_either() -> None:
    told = world(
        causes=(Cause(("db",)),),
        consequences={"shop": ("db",)},
        fresh=("shop",),
        muted=frozenset({"db"}),
    )
    assert decide(told, NOW) == ()


def test_what_fails_because_of_something_else_too_is_told_with_that() -> None:
    told = world(
        causes=(Cause(("db",)), Cause(("blog",))),
        consequences={"shop": ("db", "blog")},
        fresh=("shop", "blog"),
        muted=frozenset({"db"}),
    )
    decision = only(decide(told, NOW))
    assert isinstance(decision, Open)
    assert decision.shape.causes == ("blog",)
    assert set(decision.shape.shares) == {"blog", "shop"}


def test_of_a_whole_server_only_the_muted_part_is_quiet() -> None:
    gone = Cause(("shop", "blog"), whole_server=True)
    decision = only(decide(world(causes=(gone,), fresh=("blog",), muted=QUIET), NOW))
    assert isinstance(decision, Open)
    assert decision.shape.causes == ("blog",)


def test_a_muted_consequence_is_not_named() -> None:
    told = world(
        causes=(Cause(("db",)),), consequences={"shop": ("db",)}, fresh=("db",), muted=QUIET
    )
    decision = only(decide(told, NOW))
    assert isinstance(decision, Open)
    assert set(decision.shape.shares) == {"db"}


def test_an_incident_that_was_open_before_goes_on_as_it_was() -> None:
    """Neither worse by what the work does, nor at an end because nobody listens."""
    known = incident("shop", shares={"shop": SLOW})
    assert decide(world(known, causes=(Cause(("shop",)),), muted=QUIET), NOW) == ()


def test_an_incident_that_was_open_before_recovers_when_its_checks_do() -> None:
    told = only(decide(world(incident("shop"), muted=QUIET), NOW))
    assert isinstance(told, Recover)


def test_one_that_has_recovered_does_not_begin_again_by_what_the_work_does() -> None:
    known = incident(shares={"shop": OK}, past=("shop",), recovered_at=NOW - timedelta(minutes=1))
    told = world(known, causes=(Cause(("shop",)),), muted=QUIET)
    assert decide(told, NOW) == ()
