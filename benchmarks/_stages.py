"""Where does the time go between a change and the bytes that show it?

Puts a stopwatch around the steps of ``publish`` as they are called, and changes none of them.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any
from unittest.mock import patch

from statuspage import memory
from statuspage.jobs import past, publish
from statuspage.jobs.showing import Showing
from statuspage.memory import Memory

STEPS: tuple[tuple[str, Any, str], ...] = (
    ("reading rows", publish, "read_rows"),
    ("what left the board", past.Past, "left"),
    ("composing", publish, "compose"),
    ("archive", past.Past, "follow"),
    ("rendering", publish, "render"),
    ("compressing", memory, "prepare"),
    ("memory.replace", Memory, "replace"),
)
AFTERWARDS: tuple[tuple[str, Any, str], ...] = (("noting what is shown", Showing, "keep"),)


@dataclass(slots=True)
class Took:
    """Seconds by the clock, and of this process's CPU, whichever thread spent them."""

    wall: float = 0.0
    cpu: float = 0.0

    @contextmanager
    def measured(self) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.wall += time.perf_counter() - wall
            self.cpu += time.process_time() - cpu


class Stages:
    """What each step took, of one round at a time."""

    def __init__(self) -> None:
        self.now: dict[str, Took] = defaultdict(Took)
        self.rounds: list[dict[str, Took]] = []

    def end_round(self) -> None:
        self.rounds.append(dict(self.now))
        self.now.clear()

    def of(self, name: str) -> list[Took]:
        return [one.get(name, Took()) for one in self.rounds]


@contextmanager
def watched() -> Iterator[Stages]:
    stages = Stages()
    with ExitStack() as stack:
        for name, owner, attribute in (*STEPS, *AFTERWARDS):
            timed = _timed(getattr(owner, attribute), name, stages)
            stack.enter_context(patch.object(owner, attribute, timed))
        yield stages


def _timed(step: Callable[..., Any], name: str, stages: Stages) -> Callable[..., Any]:
    @wraps(step)
    async def waited_for(*given: Any, **named: Any) -> Any:
        with stages.now[name].measured():
            return await step(*given, **named)

    @wraps(step)
    def called(*given: Any, **named: Any) -> Any:
        with stages.now[name].measured():
            return step(*given, **named)

    return waited_for if iscoroutinefunction(step) else called
