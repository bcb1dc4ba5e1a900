"""What may everybody see of what is given for an outage?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CreditView:
    """What is given for an outage, in ``language``. ``by_code``: each who was told of it gets a
    code by letter, and the code stands nowhere else.
    """

    by_code: bool
    text: str
    language: str
    translations: Mapping[str, str]
