"""What may be asked of a database, and is its answer the expected one?"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import StringConstraints

from checks.faults import Failure
from checks.result import Fault

Query = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
LONGEST_QUOTE = 40
LONGEST_LIMIT = timedelta(days=24)  # PostgreSQL counts milliseconds in 31 bits
SHORTEST_LIMIT = timedelta(milliseconds=1)  # zero would be no limit at all


def query_limit(timeout: timedelta) -> timedelta:
    """How long a server may work on the query of a look with this timeout."""
    return min(max(timeout, SHORTEST_LIMIT), LONGEST_LIMIT)


def compare(found: str | None, expected: str | None) -> None:
    """Raise ``Failure`` unless the value found is the expected one; no expectation always is."""
    if expected is None or found == expected:
        return
    if found is None:
        raise Failure(Fault.WRONG_CONTENT, f"The query gave no value, expected {_quote(expected)}.")
    says = f"The query gave {_quote(found)}, expected {_quote(expected)}."
    raise Failure(Fault.WRONG_CONTENT, says)


def _quote(value: str) -> str:
    return f'"{value}"' if len(value) <= LONGEST_QUOTE and value.isprintable() else "a long text"
