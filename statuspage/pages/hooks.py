"""What may the page of a hook show?

Never its address, for that is a secret: whoever finds the page open must not be able to call
it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HookView:
    """``kind``: webhook, slack …; ``answered``: the HTTP status with which it has just answered a
    test, None: no answer, or no test.
    """

    kind: str
    host: str
    is_resting: bool = False
    is_failing: bool = False
    is_signed: bool = False
    answered: int | None = None
