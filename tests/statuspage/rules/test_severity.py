"""How bad is a component whose checks say this and that?"""

import pytest

from checks.verdict import Belief, Verdict
from statuspage.rules import severity
from statuspage.vocabulary import Impact, Status

VERDICTS = {
    "w": Verdict(belief=Belief.WELL),
    "x": Verdict(belief=Belief.FAILED),
    "s": Verdict(belief=Belief.SLOW),
    "?": Verdict(),
    "f": Verdict(belief=Belief.FAILED, flapping=True),
    "F": Verdict(belief=Belief.WELL, flapping=True),
}


@pytest.mark.parametrize(
    ("checks", "status"),
    [
        ("", Status.OPERATIONAL),
        ("?", Status.OPERATIONAL),
        ("w", Status.OPERATIONAL),
        ("ww", Status.OPERATIONAL),
        ("x", Status.MAJOR_OUTAGE),
        ("xx", Status.MAJOR_OUTAGE),
        ("xw", Status.PARTIAL_OUTAGE),
        ("xs", Status.PARTIAL_OUTAGE),
        ("x?", Status.PARTIAL_OUTAGE),
        ("sw", Status.DEGRADED),
        ("f", Status.DEGRADED),
        ("F", Status.DEGRADED),
        ("fx", Status.PARTIAL_OUTAGE),
    ],
)
def test_all_failing_is_major_some_partial_slow_or_flapping_degraded(
    checks: str, status: Status
) -> None:
    assert severity.of_checks([VERDICTS[check] for check in checks]) is status


@pytest.mark.parametrize(
    ("by_checks", "shares", "held", "shown"),
    [
        (Status.OPERATIONAL, [], None, Status.OPERATIONAL),
        (Status.DEGRADED, [Status.MAJOR_OUTAGE], None, Status.MAJOR_OUTAGE),
        (Status.MAJOR_OUTAGE, [Status.DEGRADED], None, Status.MAJOR_OUTAGE),
        (Status.MAJOR_OUTAGE, [], Status.OPERATIONAL, Status.OPERATIONAL),
        (Status.OPERATIONAL, [], Status.UNDER_MAINTENANCE, Status.UNDER_MAINTENANCE),
    ],
)
def test_a_status_held_by_hand_wins_over_all_else(
    by_checks: Status, shares: list[Status], held: Status | None, shown: Status
) -> None:
    assert severity.shown(by_checks, shares, held) is shown


@pytest.mark.parametrize(
    ("said", "held", "shown"),
    [
        ([], None, Status.UNDER_MAINTENANCE),
        ([Status.OPERATIONAL], None, Status.UNDER_MAINTENANCE),
        ([Status.PARTIAL_OUTAGE], None, Status.PARTIAL_OUTAGE),
        ([Status.MAJOR_OUTAGE], Status.OPERATIONAL, Status.OPERATIONAL),
    ],
)
def test_under_maintenance_a_person_may_say_that_it_is_worse(
    said: list[Status], held: Status | None, shown: Status
) -> None:
    assert severity.maintained(said, held) is shown


def test_impact_is_that_of_the_worst_component() -> None:
    assert severity.impact_of([]) is Impact.NONE
    assert severity.impact_of([Status.DEGRADED, Status.PARTIAL_OUTAGE]) is Impact.MAJOR
    assert severity.impact_of([Status.MAJOR_OUTAGE]) is Impact.CRITICAL
