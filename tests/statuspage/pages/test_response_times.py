"""Is it drawn as it was measured, and told to who does not see it?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from checks.result import Grade
from notifications.language import load
from statuspage.pages.response_times import picture, spelled
from statuspage.rules.looks import Look
from statuspage.rules.response_times import STEPS, Period, period
from statuspage.rules.tally import tally

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


def measured(name: str, *steps: int, ms: float = 100.0) -> Period:
    """In these steps of the period, counted from its end."""
    step = STEPS[name][1]
    what = tally(
        [Look(timedelta(0), Grade.WELL, ms)] * 18 + [Look(timedelta(0), Grade.WELL, 3 * ms)] * 2
    )
    return period(name, [(NOON - n * step, what) for n in sorted(steps, reverse=True)], NOON)


def drawn(of: Period, code: str = "en") -> ET.Element:
    told = str(picture(of, load(code), "Europe/Rome"))
    assert "style=" not in told
    return ET.fromstring(told)  # noqa: S314 - our own


def strokes(of: Period) -> list[int]:
    """Of the solid and of the dashed line: how many pieces it has."""
    paths = [one.attrib["d"] for one in drawn(of).iter("path") if one.get("fill") == "none"]
    return [path.count("M") for path in paths]


@pytest.mark.parametrize("name", STEPS)
def test_no_line_goes_over_a_time_in_which_nothing_was_measured(name: str) -> None:
    assert strokes(measured(name, *range(1, 40))) == [1, 1]
    assert strokes(measured(name, 1, 2, 3, 7, 8, 20)) == [3, 3]
    assert strokes(measured(name)) == []


@pytest.mark.parametrize("code", ["en", "it"])
def test_who_does_not_see_it_hears_the_figures(code: str) -> None:
    tree = drawn(measured("day", 1, 2), code)
    told = [tree.findtext("title") or "", tree.findtext("desc") or ""]
    assert tree.attrib["aria-labelledby"].split() == [one.attrib["id"] for one in tree[:2]]
    assert "24" in told[0]
    assert re.search(r"\b(99|100) ms\b.*95\s%.*\b(290|300|310) ms\b", told[1])
    silent = drawn(measured("day"), code).findtext("desc")
    assert silent == load(code).text("page.speed.nothing")


def test_the_axes_have_units_and_the_clock_of_the_site() -> None:
    said = [one.text for one in drawn(measured("day", 1, 2)).iter("text")]
    assert said[:3] == ["0 ms", "200 ms", "400 ms"]
    assert "06:00" in said, "on the day on which the clocks were put forward, too"
    slow = [one.text for one in drawn(measured("week", 1, ms=1500.0)).iter("text")]
    assert slow[:3] == ["0 ms", "3 s", "6 s"]


@pytest.mark.parametrize(
    ("ms", "told"),
    [(0.0, "0 ms"), (0.42, "0.42 ms"), (118.3, "120 ms"), (999.0, "1 s"), (1440, "1.4 s")],
)
def test_a_time_has_two_digits(ms: float, told: str) -> None:
    assert spelled(ms, load("en")) == told


def test_only_what_lies_in_the_period_is_told() -> None:
    old = measured("day", 1, 400)
    assert len(old.points) == 1
