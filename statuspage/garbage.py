"""When need nobody look for garbage?

What a process keeps for good is none. The collector would go through all of it again and
again, stop everything for a tenth of a second each time, and find nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_for_good() -> Iterator[None]:
    """What is imported within: to collect beside it takes a fifth of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def settle_down() -> None:
    """Once a process has all that it keeps for good: the collector looks at it no more."""
    gc.collect()
    gc.freeze()
