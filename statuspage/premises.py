"""What does one process work with?

Made once, where the program is put together, and handed to doors and jobs: there is no
global. ``clock`` is asked by doors, scheduler and cli; a rule or an action gets ``now``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from notifications.outbound import Reach
from statuspage.archive import Archive
from statuspage.database import Store
from statuspage.memory import Memory
from statuspage.metrics import Metrics
from statuspage.nudges import Nudges
from statuspage.settings import Settings

Clock = Callable[[], datetime]
"""Answers an aware time, in UTC."""


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

    def __post_init__(self) -> None:
        object.__setattr__(self, "archive", Archive(self.settings.site.state_dir))
