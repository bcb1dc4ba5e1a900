"""What did one probe see, once?

A failure out there is a value, not an exception. ``says`` is for operators: one plain
English sentence, without passwords, user names, connection strings or query strings; no
public text is made from it. Nothing here looks at a clock, a socket or a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How a probe went, from the best to the worst (see ``weight``)."""

    WELL = "well"
    SLOW = "slow"
    FAILED = "failed"

    @property
    def weight(self) -> int:
        """0 for well, 1 for slow, 2 for failed."""
        return _WEIGHT[self]


_WEIGHT = {grade: weight for weight, grade in enumerate(Grade)}


class Fault(StrEnum):
    """What kind of failure it was, in the order in which a connection meets them."""

    NAME_NOT_FOUND = "name_not_found"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    TLS = "tls"
    CLOSED = "closed"
    PROTOCOL_ERROR = "protocol_error"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    WRONG_STATUS = "wrong_status"
    WRONG_CONTENT = "wrong_content"
    LOGIN_REFUSED = "login_refused"
    QUERY_ERROR = "query_error"
    NOT_READY = "not_ready"
    READ_ONLY = "read_only"
    PROBE_ERROR = "probe_error"


@dataclass(frozen=True, slots=True)
class Result:
    """One look at one target.

    ``latency_ms`` runs from the first packet to the end of the look, the name already
    resolved; it is None when there was nothing to measure. ``reached`` tells a broken
    program from a dead machine: True when somebody accepted the TCP connection.
    ``address`` is the IP address spoken to, where known.
    """

    grade: Grade
    latency_ms: float | None
    says: str
    fault: Fault | None = None
    reached: bool = True
    address: str | None = None
