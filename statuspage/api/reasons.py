"""Why is something taken away?

In the body or, where a client cannot send one with DELETE, in the query; it stands in the
audit.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import Field

from statuspage.api.fields import Asked, Filled
from statuspage.errors import Fault, Invalid


class Why(Asked):
    reason: Filled = Field(description="for the audit; nothing that must not stand")


InQuery = Annotated[Filled | None, Query(description="where the body cannot be sent")]


def reason_of(body: Why | None, in_query: str | None) -> str:
    """Raises ``Invalid`` when none is given."""
    reason = body.reason if body is not None else in_query
    if reason is None:
        fault = Fault(("body", "reason"), "Say why; it stands in the audit.")
        raise Invalid("A reason is missing.", faults=[fault])
    return reason
