"""What does one process work with?

Made once, where the program is put together, and handed to doors and jobs: there is no
global. ``clock`` is asked by doors, scheduler and cli; a rule or an action gets ``now``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from notifications.outbound import Reach
from statuspage.archive import Archive
from statuspage.database import Store
from statuspage.memory import Memory
from statuspage.metrics import Metrics, new_metrics
from statuspage.nudges import Nudges
from statuspage.settings import Settings

Clock = Callable[[], datetime]
"""Answers an aware time, in UTC."""


def clock() -> datetime:
    """The machine's."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Premises:
    settings: Settings
    store: Store
    clock: Clock
    nudges: Nudges
    memory: Memory
    metrics: Metrics
    reach: Reach = field(default_factory=Reach)
    """How far strangers' addresses may lead."""
    archive: Archive = field(init=False)

    @classmethod
    def made(cls, settings: Settings, metrics: Metrics | None = None) -> Self:
        """For a whole process, by the clock on the wall. Connects to nothing yet."""
        return cls(
            settings=settings,
            store=Store(settings.database.url.get_secret_value()),
            clock=clock,
            nudges=Nudges(),
            memory=Memory(),
            metrics=metrics or new_metrics(),
        )

    def __post_init__(self) -> None:
        object.__setattr__(self, "archive", Archive(self.settings.site.state_dir))
