"""What do we know of the months that are older than what the board holds?

The board holds what was lately, and so whole months only from some month on. Of that month it
may lack the beginning, whose lines come from the archive; of those before, it knows how much
each has. A month has a key, ``2026-03``, in the site's zone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Lines = Mapping[str, Mapping[str, str]]
"""Language -> a line of a list, as it was rendered."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the archive adds to the board."""

    before: str = ""
    """Months before this one are the archive's; ``""``: none is."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Of these months: how much each has, the newest first."""
    lines: Mapping[str, Sequence[Lines]] = field(default_factory=dict)
    """What the board's own months have beyond the board, the newest first."""
