"""Is a target believed down, slow or well only after enough looks, and since the right one?

A story of looks is a string: ``.`` well, ``~`` slow, ``x`` failed; a second string says what
is believed after each: ``?`` unknown, U well, S slow, D failed, small while in doubt of it.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.result import Fault, Grade, Result
from checks.verdict import Belief, Policy, Verdict, freeze, judge, next_look, thaw

START = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
POLICY = Policy()
SECOND = timedelta(seconds=1)
GRADES = {".": Grade.WELL, "~": Grade.SLOW, "x": Grade.FAILED}
LETTERS = {Belief.UNKNOWN: "?", Belief.WELL: "U", Belief.SLOW: "S", Belief.FAILED: "D"}


def result(mark: str) -> Result:
    fault = Fault.REFUSED if mark == "x" else None
    return Result(GRADES[mark], 1.5, "As it went.", fault, reached=mark != "x")


def look(
    marks: Iterable[str], policy: Policy = POLICY, verdict: Verdict | None = None
) -> list[tuple[datetime, Verdict]]:
    """Judge each mark at the time that the verdict before it asked for."""
    verdict = verdict or Verdict()
    at = verdict.looked_at or START
    story = []
    for mark in marks:
        at += next_look(verdict, policy) if verdict.looked_at else timedelta()
        verdict = judge(verdict, result(mark), policy, at)
        story.append((at, verdict))
    return story


def beliefs(marks: str, policy: Policy = POLICY) -> str:
    return "".join(
        LETTERS[verdict.belief].lower() if verdict.in_doubt else LETTERS[verdict.belief]
        for _, verdict in look(marks, policy)
    )


def last(marks: str, policy: Policy = POLICY, verdict: Verdict | None = None) -> Verdict:
    return look(marks, policy, verdict)[-1][1]


@pytest.mark.parametrize(
    ("marks", "believed"),
    [
        (".....", "UUUUU"),  # good news is believed at once
        ("..xxxx", "UUuuDD"),  # three failures in a row, and only then
        ("..xx.xx.xxx", "UUuuUuuUuuD"),
        (".xxx..", "UuuDdU"),  # two recoveries in a row
        (".xxx.x.x..", "UuuDdDdDdU"),
        ("xxxx", "??DD"),  # never seen well: confirmed all the same
        ("xx.", "??U"),
        ("~~~", "??S"),  # a cold first answer is often slow
        ("~.", "?U"),
        (".~~~~", "UuuSS"),
        (".~~.", "UuuU"),
        (".~~~..", "UuuSsU"),
        (".~~~xxx", "UuuSssD"),
        (".~xxx", "UuusD"),  # the failures count from the first of them, not from the slow look
        (".x~x~", "UuusS"),  # whatever it was, it was not well three times in a row
        (".xxx~~", "UuuDdS"),
        (".xxx~..", "UuuDdsU"),
        (".xxx.~", "UuuDdS"),  # no longer down, but not well twice in a row either
        (".~~~.x.x.x", "UuuSssssss"),  # neither worse nor better for long enough
    ],
)
def test_a_belief_moves_as_far_as_the_last_looks_agree(marks: str, believed: str) -> None:
    assert beliefs(marks) == believed


@pytest.mark.parametrize(
    ("failures", "recoveries", "marks", "believed"),
    [
        (1, 1, ".x.x", "UDUD"),
        (2, 1, ".xx.x", "UuDUu"),
        (1, 3, ".x..x...", "UDddDddU"),
        (5, 2, ".xxxxx..", "UuuuuDdU"),
    ],
)
def test_as_many_as_configured(failures: int, recoveries: int, marks: str, believed: str) -> None:
    policy = Policy(confirm_failures=failures, confirm_recoveries=recoveries)
    assert beliefs(marks, policy) == believed


@given(st.text("..~xxx", max_size=60), st.integers(1, 6), st.integers(1, 6))
def test_nothing_is_believed_without_its_confirmations(
    marks: str, failures: int, recoveries: int
) -> None:
    policy = Policy(confirm_failures=failures, confirm_recoveries=recoveries)
    before = Verdict()
    for number, (_, verdict) in enumerate(look(marks, policy), start=1):
        seen = marks[:number]
        if verdict.belief == Belief.FAILED != before.belief:
            assert seen.endswith("x" * failures)
        if before.belief == Belief.FAILED != verdict.belief:
            assert len(seen) >= recoveries
            assert "x" not in seen[-recoveries:]
        if seen.endswith("x" * failures):
            assert verdict.belief == Belief.FAILED
        if seen.endswith("." * recoveries):
            assert verdict.belief == Belief.WELL
        before = verdict


@given(st.text(".~x", max_size=60))
def test_doubt_is_when_the_last_look_contradicts_the_belief(marks: str) -> None:
    for mark, (at, verdict) in zip(marks, look(marks), strict=True):
        assert verdict.in_doubt == (verdict.belief.value != GRADES[mark].value)
        assert (verdict.streak > 0) == verdict.in_doubt
        assert verdict.doubt_since is None or verdict.doubt_since <= at


def test_it_fails_since_the_first_failing_look_and_not_since_its_confirmation() -> None:
    story = look("..xxx.x..")
    times = [at for at, _ in story]
    assert story[2][1].failing_since == story[2][1].doubt_since == times[2]
    assert story[4][1].since == story[4][1].failing_since == times[2]
    assert story[5][1].failing_since == times[2]
    assert story[8][1].since == times[7]
    assert story[8][1].failing_since is None


def test_slow_then_failing_is_down_since_it_failed() -> None:
    story = look(".~xxx")
    assert story[3][1].since == story[1][0]
    assert story[4][1].since == story[2][0]


def test_the_last_failing_look_says_whether_anybody_was_there() -> None:
    assert last("..").reached
    assert not last("..x").reached
    assert not last("..xxx.").reached, "a recovery tells nothing of the failure"
    spoke = judge(last("..x"), Result(Grade.FAILED, 3.0, "Answered 500."), POLICY, START + SECOND)
    assert spoke.reached
    assert spoke.failure == spoke.latest


@pytest.mark.parametrize(
    ("marks", "pause"),
    [
        (".", POLICY.interval),
        (".x", POLICY.confirm_interval),  # in doubt
        (".xxx", POLICY.confirm_interval),  # failing
        (".xxx.", POLICY.confirm_interval),  # recovering
        (".xxx..", POLICY.interval),
        ("x", POLICY.confirm_interval),
        (".~~~", POLICY.interval),  # steadily slow
    ],
)
def test_it_is_asked_again_soon_while_it_matters(marks: str, pause: timedelta) -> None:
    assert next_look(last(marks), POLICY) == pause


def test_an_interval_shorter_than_the_confirmations_is_kept() -> None:
    hasty = Policy(interval=SECOND)
    assert next_look(last(".x", hasty), hasty) == SECOND


@pytest.mark.parametrize(
    ("away", "belief"),
    [
        (timedelta(seconds=15), Belief.FAILED),
        (timedelta(seconds=100), Belief.FAILED),
        (timedelta(seconds=106), Belief.WELL),  # three intervals and a minute
        (timedelta(hours=8), Belief.WELL),
        (-SECOND / 2, Belief.FAILED),  # another machine's clock
        (-timedelta(hours=1), Belief.WELL),  # the clock stepped back
    ],
)
def test_looks_before_a_gap_of_ours_do_not_count(away: timedelta, belief: Belief) -> None:
    before = last(".xx")
    assert before.looked_at is not None
    after = judge(before, result("x"), POLICY, before.looked_at + away)
    assert after.belief == belief


def test_after_a_gap_all_confirmations_are_asked_anew() -> None:
    before = last(".xx")
    at = START + timedelta(hours=8)
    believed = []
    for number in range(3):
        before = judge(before, result("x"), POLICY, at + number * POLICY.confirm_interval)
        believed.append(before.belief)
    assert believed == [Belief.WELL, Belief.WELL, Belief.FAILED]
    assert before.since == at


def test_what_is_believed_stands_over_a_gap() -> None:
    down = last(".xxx")
    later = judge(down, result("x"), POLICY, START + timedelta(hours=8))
    assert (later.belief, later.since) == (Belief.FAILED, down.since)


def test_no_time_lies_in_the_future_after_the_clock_stepped_back() -> None:
    down = last(".xxx")
    at = START - timedelta(hours=1)
    after = judge(down, result("x"), POLICY, at)
    assert after.since == at
    assert after.changes == ()


FLAPS = "." + "xxx.." * 3


def test_many_changes_within_a_time_are_flapping_until_steady() -> None:
    story = look(FLAPS)
    changes = [verdict.flapping for _, verdict in story if verdict.changes]
    assert changes.count(True) == sum(1 for _, verdict in story if len(verdict.changes) >= 5)
    flapping = story[-1][1]
    assert flapping.flapping
    steady = [
        (at - flapping.changes[-1], verdict.flapping)
        for at, verdict in look("." * 40, verdict=flapping)
    ]
    assert [flaps for _, flaps in steady] == [since < POLICY.flap_steady for since, _ in steady]


def test_flapping_ends_when_it_stays_down_too() -> None:
    stays = last("x" * 150, verdict=last(FLAPS))
    assert (stays.flapping, stays.belief) == (False, Belief.FAILED)


def test_changes_far_apart_are_no_flapping() -> None:
    verdict = Verdict()
    for _ in range(6):
        verdict = last("." * 30 + "xxx..", verdict=verdict)
        assert len(verdict.changes) >= 2
        assert not verdict.flapping


def test_single_failures_are_no_changes() -> None:
    assert last(".x" * 50).changes == ()


@given(st.text(".~x", max_size=80))
def test_a_verdict_survives_being_stored(marks: str) -> None:
    stored = Verdict()
    for at, verdict in look(marks):
        stored = judge(
            thaw(json.loads(json.dumps(freeze(stored)))), verdict.latest or fail(), POLICY, at
        )
        assert stored == verdict


def fail() -> Result:
    raise AssertionError("a judged verdict has a latest result")


def test_nothing_stored_is_nothing_known() -> None:
    assert thaw({}) == Verdict()


def test_memory_stays_small() -> None:
    verdict = last("xxx.." * 100)
    assert len(verdict.recent) == 3
    assert len(json.dumps(freeze(verdict))) < 8000


def test_a_longer_policy_after_a_reload_just_waits_for_more_looks() -> None:
    patient = replace(POLICY, confirm_failures=5)
    assert beliefs_from(last(".xx"), "xxx", patient) == "uuD"


def beliefs_from(verdict: Verdict, marks: str, policy: Policy) -> str:
    return "".join(
        LETTERS[after.belief].lower() if after.in_doubt else LETTERS[after.belief]
        for _, after in look(marks, policy, verdict)
    )
