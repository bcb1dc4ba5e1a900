"""Are lengths of time read and written as the settings' documentation says?"""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from checks.duration import Duration, parse, spell

DURATION: TypeAdapter[timedelta] = TypeAdapter(Duration)


@pytest.mark.parametrize(
    ("text", "length", "spelled"),
    [
        ("500ms", timedelta(milliseconds=500), "500ms"),
        ("15s", timedelta(seconds=15), "15s"),
        (" 2s ", timedelta(seconds=2), "2s"),
        ("1.5h", timedelta(minutes=90), "90m"),
        ("0.5s", timedelta(milliseconds=500), "500ms"),
        ("0.25ms", timedelta(microseconds=250), "0.25ms"),
        ("60s", timedelta(minutes=1), "1m"),
        ("24h", timedelta(days=1), "1d"),
        ("90d", timedelta(days=90), "90d"),
    ],
)
def test_a_number_and_a_unit(text: str, length: timedelta, spelled: str) -> None:
    assert parse(text) == length
    assert spell(length) == spelled
    assert DURATION.validate_python(text) == length


@pytest.mark.parametrize(
    "wrong",
    ["", "15", "s", "-1s", "0s", "0.0001ms", "1,5h", "1.5 h", "1h30m", "1H", "nan s", "1e3s", "٣s"],
)
def test_what_is_wrong_is_told_what_is_allowed(wrong: str) -> None:
    with pytest.raises(ValidationError, match="a positive number and ms, s, m, h or d"):
        DURATION.validate_python(wrong)


@pytest.mark.parametrize("wrong", [15, 1.5, True, None, ["1s"], timedelta(0), timedelta(-1)])
def test_a_number_without_a_unit_is_no_duration(wrong: object) -> None:
    with pytest.raises(ValidationError, match="ms, s, m, h or d"):
        DURATION.validate_python(wrong)


def test_longer_than_python_can_count_is_a_mistake_and_no_crash() -> None:
    with pytest.raises(ValidationError, match="longer than"):
        DURATION.validate_python("999999999999999d")


@given(st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=36500)))
def test_what_is_spelled_reads_the_same(length: timedelta) -> None:
    assert parse(spell(length)) == length
    assert DURATION.validate_json(DURATION.dump_json(length)) == length
