"""Is it known to five minutes when somebody looked?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from statuspage.rules.watched import WHOLE_HOUR, spans

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Minutes = tuple[int, int]


@pytest.mark.parametrize(
    ("name", "hours", "reach", "expected"),
    [
        ("never", [], 0, []),
        ("an hour", [(0, WHOLE_HOUR)], 0, [(0, 60)]),
        ("three hours", [(0, WHOLE_HOUR), (1, WHOLE_HOUR), (2, WHOLE_HOUR)], 0, [(0, 180)]),
        ("an hour without any look", [(0, WHOLE_HOUR), (2, WHOLE_HOUR)], 0, [(0, 60), (120, 180)]),
        ("a gap within the hour", [(0, 0b111111000011)], 0, [(0, 10), (30, 60)]),
        ("a gap over the full hour", [(0, 0b011111111111), (1, 0b111111111110)], 0,
         [(0, 55), (65, 120)]),
        ("a look stands for what follows", [(0, 0b1001001)], 10, [(0, 35)]),
        ("but not for longer", [(0, 0b10001)], 10, [(0, 5), (20, 25)]),
        ("two checks", [(0, 0b11), (0, 0b1100), (1, 1)], 0, [(0, 20), (60, 65)]),
        ("out of order", [(1, WHOLE_HOUR), (0, WHOLE_HOUR)], 0, [(0, 120)]),
    ],
)  # fmt: skip
def test_spans(
    name: str, hours: list[tuple[int, int]], reach: int, expected: list[Minutes]
) -> None:
    asked = [(NOON + 60 * n * MINUTE, bits) for n, bits in hours]
    found = [
        ((span.begins - NOON) // MINUTE, (span.ends - NOON) // MINUTE)
        for span in spans(asked, reach * MINUTE)
    ]
    assert found == expected, name
