"""What may a reader wish to hear of?

The public components under their groups, in the order of the page. Whoever chooses a group
chooses whatever belongs to it when something happens.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from statuspage.rules.board import Board
from statuspage.vocabulary import Impact

IMPACTS = ("none", "major", "critical")
"""How bad it must be, from the mildest: those between are for programs."""


def nearest_impact(wished: str) -> str:
    """Which of them says what a program wished for: the mildest that is as bad."""
    weight = Impact(wished).weight
    return next(one for one in reversed(IMPACTS) if Impact(one).weight <= weight)


class Part(Protocol):
    """A component as configured, or as the board has it."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def group(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Offer:
    """``groups``: a group's name and its parts, (id, name) each; those of none stand last."""

    groups: tuple[tuple[str | None, tuple[tuple[str, str], ...]], ...] = ()

    @property
    def is_choice(self) -> bool:
        """Where there is one part, there is nothing to choose."""
        return sum(len(parts) for _, parts in self.groups) > 1


def offer(board: Board) -> Offer:
    """What stands on the page."""
    in_order = sorted(board.components, key=lambda component: component.position)
    return _offer(in_order)


def offer_of(components: Iterable[Part]) -> Offer:
    """The same from the configuration."""
    return _offer(part for part in components if getattr(part, "public", True))


def _offer(parts: Iterable[Part]) -> Offer:
    found: dict[str | None, list[tuple[str, str]]] = {}
    for part in parts:
        found.setdefault(part.group, []).append((part.id, part.name))
    loose = found.pop(None, [])
    groups = [(name, tuple(parts)) for name, parts in found.items()]
    return Offer((*groups, (None, tuple(loose))) if loose else tuple(groups))
