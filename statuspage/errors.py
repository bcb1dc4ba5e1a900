"""What can go wrong that is somebody's to mend, and how is it called?

Raised low, turned into answers in one place: the app makes RFC 9457 problems of
``Problem``, the cli prints ``Stop`` and exits. What happens out there (a refused
connection, a full mailbox) is a value, not one of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One field that is wrong: where it stands, and a sentence."""

    loc: tuple[str | int, ...]
    msg: str


class Problem(Exception):
    """A request that cannot be carried out; ``status`` is the HTTP status code."""

    status = 500
    title = "Something is wrong on our side"

    def __init__(
        self, detail: str, *, faults: Sequence[Fault] = (), retry_after: int | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = tuple(faults)
        self.retry_after = retry_after


class Invalid(Problem):
    status, title = 422, "Some fields are not right"


class Unknown(Problem):
    status, title = 404, "There is no such thing"


class Conflict(Problem):
    status, title = 409, "This does not fit the present state"


class Unauthenticated(Problem):
    status, title = 401, "Who are you?"


class Forbidden(Problem):
    status, title = 403, "This token may not do that"


class TooMany(Problem):
    status, title = 429, "Too many requests"


class Unavailable(Problem):
    status, title = 503, "Not possible at this minute"


class Stop(Exception):
    """The program cannot start or go on; the message is for the person at the terminal."""

    exit_code = 1


class Misuse(Stop):
    """Wrong use or configuration."""

    exit_code = 2
