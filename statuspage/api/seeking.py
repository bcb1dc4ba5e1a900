"""Which subscribers does an operator look for?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import Depends, Query
from pydantic import AfterValidator
from sqlmodel import col

from statuspage.api.fields import Code, line
from statuspage.tables import Subscriber

State = Literal["pending", "active", "resting", "left"]
LIKE = Annotated[
    Annotated[str, AfterValidator(line)] | None,
    Query(min_length=2, max_length=320, description="a part of an address, such as a domain"),
]


@dataclass(frozen=True, slots=True)
class Seeking:
    """What is not said does not count."""

    like: str | None
    state: str | None
    component: str | None

    def conditions(self) -> list[sa.ColumnElement[Any]]:
        found: list[sa.ColumnElement[Any]] = [col(Subscriber.state).not_in(("erased", "canary"))]
        if self.like is not None:
            found.append(col(Subscriber.address).icontains(self.like, autoescape=True))
        if self.state is not None:
            found.append(col(Subscriber.state) == self.state)
        if self.component is not None:
            named = sa.cast(col(Subscriber.components), sa.Text)
            found.append(named.contains(f'"{self.component}"', autoescape=True))
        return found


def seeking(
    like: LIKE = None,
    state: Annotated[State | None, Query()] = None,
    component: Annotated[
        Annotated[Code, AfterValidator(line)] | None,
        Query(description="who chose it by name; not those who chose all"),
    ] = None,
) -> Seeking:
    return Seeking(like, state, component)


Sought = Annotated[Seeking, Depends(seeking)]
