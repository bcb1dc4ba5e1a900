"""What may everybody see of what a postmortem promises, and of what is given?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class CreditView:
    """What is given for an outage, in ``language``. ``by_code``: each who was told of it gets a
    code by letter, and the code stands nowhere else.
    """

    by_code: bool
    text: str
    language: str
    translations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ActionView:
    """What we change against a repeat; ``due`` and ``done`` are days in the site's zone."""

    n: int
    text: str
    language: str
    translations: Mapping[str, str]
    due: date
    done: date | None = None
