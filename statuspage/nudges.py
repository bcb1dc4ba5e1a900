"""Who should look again, now?

A nudge wakes a job before its next tick. It is what makes things fast, not what makes
them right: a lost nudge costs at most one poll. Jobs and actions name whom they wake;
the scheduler listens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Nudges:
    """Wake-ups by the name of a job ("settle", "publish", ...), within one process."""

    _listeners: dict[str, list[Callable[[], None]]] = field(default_factory=dict)

    def listen(self, job: str, wake: Callable[[], None]) -> None:
        self._listeners.setdefault(job, []).append(wake)

    def forget(self, job: str, wake: Callable[[], None]) -> None:
        self._listeners.get(job, []).remove(wake)

    def nudge(self, *jobs: str) -> None:
        for job in jobs:
            for wake in self._listeners.get(job, ()):
                wake()
