"""Is the broken tier blamed, and not those that only lie on it?

Parts are written as words: ``shop>db`` stands on db; then its state: fine, slow, 500 (fails,
but answers), gone (nobody accepts); then ``?`` if doubtful, ``@s1`` its server, ``old`` when it
was not looked at since the trouble began, ``late`` when it must wait no longer.
"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.causes import Cause, Finding, Part, Standing, below, find

NOW = datetime(2026, 3, 1, 3, 0, 30, tzinfo=UTC)
BEGAN = NOW - timedelta(seconds=20)
STATES = {
    "fine": Standing.FINE,
    "slow": Standing.DEGRADED,
    "500": Standing.DOWN,
    "gone": Standing.DOWN,
}


def part(text: str) -> Part:
    name, state, *words = text.split()
    own, _, depends_on = name.partition(">")
    looked = BEGAN - timedelta(seconds=1) if "old" in words else NOW
    return Part(
        id=own,
        depends_on=tuple(depends_on.split(",")) if depends_on else (),
        state=STATES[state],
        doubtful="?" in words,
        reached=state != "gone",
        servers=frozenset(word[1:] for word in words if word.startswith("@")),
        failing_since=None if state == "fine" else BEGAN,
        looked_at=None if "never" in words else looked,
        wait_until=NOW if "late" in words else NOW + timedelta(seconds=9),
    )


def found(*texts: str) -> tuple[str, str, str]:
    """Causes as ``db`` or ``db+shop`` (whole server), consequences as ``shop<db``, waiting."""
    finding = find([part(text) for text in texts], NOW)
    causes = " ".join("+".join(cause.parts) for cause in finding.causes)
    assert all(cause.whole_server == (len(cause.parts) > 1) for cause in finding.causes)
    affected = " ".join(f"{top}<{','.join(low)}" for top, low in finding.consequences.items())
    return causes, affected, " ".join(sorted(finding.waiting))


CASES = {
    "all is well": (["shop>db fine", "db fine"], ("", "", "")),
    "database refused, shop answers 500": (["shop>db 500", "db gone"], ("db", "shop<db", "")),
    "database answers with an error": (["shop>db 500", "db 500"], ("db", "shop<db", "")),
    "slow database, shop fails": (["shop>db 500", "db slow"], ("db", "shop<db", "")),
    "slow database, slow shop": (["shop>db slow", "db slow"], ("db", "shop<db", "")),
    "shop refused, database fine": (["shop>db gone", "db fine"], ("shop", "", "")),
    "shop answers 500, database fine": (["shop>db 500", "db fine"], ("shop", "", "")),
    "only the database": (["shop>db fine", "db gone"], ("db", "", "")),
    "both gone from one server": (["shop>db gone @s1", "db gone @s1"], ("shop+db", "", "")),
    "both gone, one of two addresses shared": (
        ["shop>db gone @web @10.0.0.1", "db gone @10.0.0.1"],
        ("shop+db", "", ""),
    ),
    "both gone from two servers": (["shop>db gone @s1", "db gone @s2"], ("shop db", "", "")),
    "both gone, servers unknown": (["shop>db gone", "db gone"], ("shop db", "", "")),
    "shop gone, database on the same server still speaks": (
        ["shop>db gone @s1", "db 500 @s1"],
        ("shop db", "", ""),
    ),
    "two of three gone, the third on that server is fine": (
        ["shop gone @s1", "cache gone @s1", "db fine @s1"],
        ("shop cache", "", ""),
    ),
    "two of three gone, the third not asked since": (
        ["shop gone @s1", "cache gone @s1", "db fine @s1 old"],
        ("shop+cache", "", ""),
    ),
    "two of three gone, the third in doubt": (
        ["shop gone @s1", "cache gone @s1", "db fine @s1 ?"],
        ("shop+cache", "", ""),
    ),
    "siblings gone together": (["a gone @s1", "b gone @s1"], ("a+b", "", "")),
    "siblings gone, joined by a third over two servers": (
        ["a gone @s1", "b gone @s2", "c gone @s1 @s2"],
        ("a+b+c", "", ""),
    ),
    "siblings that answer are no whole server": (["a 500 @s1", "b 500 @s1"], ("a b", "", "")),
    "a site over a whole server": (
        ["site>shop,db 500", "shop gone @s1", "db gone @s1"],
        ("shop+db", "site<shop,db", ""),
    ),
    "two tiers down": (
        ["site>api 500", "api>db 500", "db gone"],
        ("db", "site<db api<db", ""),
    ),
    "two tiers down, the middle one not yet noticed": (
        ["site>api 500", "api>db fine", "db gone"],
        ("db", "site<db", ""),
    ),
    "two tiers down, the middle one gone too": (
        ["site>api 500", "api>db gone", "db gone"],
        ("api db", "site<api,db", ""),
    ),
    "two causes below": (
        ["shop>db,cache 500", "db gone", "cache gone"],
        ("db cache", "shop<db,cache", ""),
    ),
    "a database in doubt: the shop waits": (["shop>db 500", "db fine ?"], ("", "", "shop")),
    "a database not asked since: the shop waits": (
        ["shop>db 500", "db fine old"],
        ("", "", "shop"),
    ),
    "a database never asked: the shop waits": (["shop>db 500", "db fine never"], ("", "", "shop")),
    "a shop gone waits too: it may be the whole server": (
        ["shop>db gone @s1", "db fine ? @s1"],
        ("", "", "shop"),
    ),
    "no longer than its time": (["shop>db 500 late", "db fine ?"], ("shop", "", "")),
    "a database recovering is not fine yet": (["shop>db 500", "db gone ?"], ("db", "shop<db", "")),
    "one below is known, another in doubt: no waiting": (
        ["shop>db,cache 500", "db gone", "cache fine ?"],
        ("db", "shop<db", ""),
    ),
    "all above a waiting one wait with it": (
        ["site>api 500 late", "api>db 500", "db fine ?"],
        ("", "", "api site"),
    ),
    "a part that nobody configured": (["shop>ghost 500"], ("shop", "", "")),
    "a circle is not dropped": (["a>b 500", "b>a 500"], ("a", "b<a", "")),
    "a circle over a cause": (
        ["a>b 500", "b>a,db 500", "db gone"],
        ("db", "a<db b<db", ""),
    ),
    "a part that stands on itself": (["a>a 500"], ("a", "", "")),
}


@pytest.mark.parametrize(("texts", "expected"), CASES.values(), ids=list(CASES))
def test_the_lowest_broken_tier_is_the_cause(
    texts: list[str], expected: tuple[str, str, str]
) -> None:
    assert found(*texts) == expected


def test_a_part_without_a_limit_does_not_wait() -> None:
    shop = Part("shop", ("db",), Standing.DOWN, failing_since=BEGAN)
    assert find([shop, Part("db", doubtful=True)], NOW) == Finding(
        (Cause(("shop",)),), {}, frozenset()
    )


def test_below_is_all_that_a_part_stands_on() -> None:
    parts = [
        part("site>api fine"),
        part("api>db,cache fine"),
        part("db>site fine"),
        part("cache fine"),
    ]
    assert below("site", parts) == {"api", "db", "cache"}
    assert below("cache", parts) == frozenset()
    assert below("ghost", parts) == frozenset()


names = st.sampled_from("abcdef")
worlds = st.lists(
    st.builds(
        Part,
        id=names,
        depends_on=st.lists(names, max_size=3).map(tuple),
        state=st.sampled_from(Standing),
        doubtful=st.booleans(),
        reached=st.booleans(),
        servers=st.frozensets(st.sampled_from(["s1", "s2"])),
        failing_since=st.none() | st.just(BEGAN),
        looked_at=st.none() | st.sampled_from([BEGAN - timedelta(seconds=1), NOW]),
        wait_until=st.none() | st.sampled_from([NOW, NOW + timedelta(seconds=1)]),
    ),
    unique_by=lambda made: made.id,
)


@given(worlds)
def test_whatever_fails_is_accounted_for_once_and_blames_only_causes(parts: list[Part]) -> None:
    finding = find(parts, NOW)
    causes = [member for cause in finding.causes for member in cause.parts]
    accounted = sorted([*causes, *finding.consequences, *finding.waiting])
    assert accounted == sorted(made.id for made in parts if made.state != Standing.FINE)
    for affected, blamed in finding.consequences.items():
        assert blamed
        assert set(blamed) <= set(causes) & below(affected, parts)
