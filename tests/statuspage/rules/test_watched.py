"""Is it known to five minutes when somebody looked?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from statuspage.rules.watched import WHOLE_DAY, WHOLE_HOUR, spans

MIDNIGHT = datetime(2026, 11, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = 24 * 60


@pytest.mark.parametrize(
    ("name", "days", "parts", "expected"),
    [
        ("never", [], {}, []),
        ("a day", [(0, WHOLE_DAY)], {}, [(0, DAY)]),
        ("three days", [(0, WHOLE_DAY), (1, WHOLE_DAY), (2, WHOLE_DAY)], {}, [(0, 3 * DAY)]),
        ("a day without any look", [(0, WHOLE_DAY), (2, WHOLE_DAY)], {},
         [(0, DAY), (2 * DAY, 3 * DAY)]),
        ("two hours", [(0, 0b110)], {}, [(60, 180)]),
        ("an hour without any look", [(0, 0b101)], {}, [(0, 60), (120, 180)]),
        ("a gap within an hour", [(0, 0b1)], {0: 0b111111000011}, [(0, 10), (30, 60)]),
        ("a gap within an hour of a whole day", [(0, WHOLE_DAY)], {1: 0b111111111101},
         [(0, 65), (70, DAY)]),
        ("a gap over the full hour", [(0, 0b11)], {0: 0b011111111111, 1: 0b111111111110},
         [(0, 55), (65, 120)]),
        ("an hour that another day has in part", [(0, WHOLE_DAY), (1, WHOLE_DAY)], {25: 1},
         [(0, DAY + 65), (DAY + 120, 2 * DAY)]),
        ("out of order", [(1, WHOLE_DAY), (0, WHOLE_DAY)], {}, [(0, 2 * DAY)]),
    ],
)  # fmt: skip
def test_spans(
    name: str, days: list[tuple[int, int]], parts: dict[int, int], expected: list[tuple[int, int]]
) -> None:
    assert WHOLE_HOUR not in parts.values()
    found = [
        ((span.begins - MIDNIGHT) // MINUTE, (span.ends - MIDNIGHT) // MINUTE)
        for span in spans(
            [(MIDNIGHT + n * DAY * MINUTE, bits) for n, bits in days],
            {MIDNIGHT + n * 60 * MINUTE: bits for n, bits in parts.items()},
        )
    ]
    assert found == expected, name
