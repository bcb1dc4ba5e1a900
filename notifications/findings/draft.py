"""What is about to be said, and what is known about it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

PARTS = ("what_happened", "what_we_are_doing", "how_we_prevent_it")
OPEN = frozenset({"investigating", "identified", "monitoring"})


@dataclass(frozen=True, kw_only=True)
class Record:
    """What the incident and the site say: texts are held against it.

    ``components`` are the names that the incident concerns, ``others`` the site's other ones;
    ``words`` are known without standing in a dictionary, in lower case.
    """

    started_at: datetime | None = None
    time_zone: str = "UTC"
    components: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One word before it is said. ``parts`` are fields by name, in their order, empty where
    nothing stands; the last one may be told later. ``title`` may be empty.
    """

    parts: Mapping[str, str]
    title: str = ""
    status: str = "investigating"
    impact: str = "none"
    tone: str = "plain"
    says_next: bool = False
    """Whether customers are told when they hear next."""
    record: Record = field(default_factory=Record)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    def fields(self) -> Iterator[tuple[str, str]]:
        """Every text with the name of its field."""
        if self.title:
            yield "name", self.title
        yield from ((name, text) for name, text in self.parts.items() if text)
