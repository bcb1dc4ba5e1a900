"""Does a text come back out of a spreadsheet as it went in, and never as a formula?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.rules.cells import guarded, unguarded

TELLING = st.text(alphabet="'=+-@\t\r＝a ", max_size=6)


@pytest.mark.parametrize("text", ["=1+1", "+39 011", "-", "@SUM(A1)", "＝1", "'=1", "''=1"])
def test_a_formula_gets_a_guard(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "o'brien@example.org", "'quoted'", "fair in Turin"])
def test_what_is_none_stays_as_it_is_both_ways(text: str) -> None:
    assert guarded(text) == unguarded(text) == text


@given(st.one_of(TELLING, st.text()))
def test_what_went_out_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text
