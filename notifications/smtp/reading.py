"""Which replies have come?

Reads RFC 5321 4.2: lines of three digits, a hyphen while more lines follow. Nothing here
knows a socket or what was asked. Rules: what came whole before something went wrong is
still believed; what can't be a reply, and what grows beyond any, is an error, and whoever
sent it is not listened to any longer.
"""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_LINE = 2048
"""Four times what RFC 5321 4.5.3.1.5 allows."""
LONGEST_REPLY = 32_768


class Broken(Exception):
    """The conversation cannot go on: nothing that may follow can be believed. ``code``: 421 if
    the other side said so.
    """

    def __init__(self, reason: str, code: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.code = reason, code


@dataclass(slots=True)
class Reply:
    """``said``: its lines without the codes. Four for each letter: freezing them takes longer."""

    code: int
    said: bytes

    @property
    def text(self) -> str:
        return self.said.decode("utf-8", "replace")


class Reader:
    """Takes bytes as they come, gives replies as they are whole."""

    def __init__(self) -> None:
        self._bytes = b""
        self._at = 0

    @property
    def is_empty(self) -> bool:
        """Nothing of a further reply has come."""
        return self._at == len(self._bytes)

    def take(self, data: bytes) -> None:
        self._bytes = self._bytes[self._at :] + data
        self._at = 0

    def next(self) -> Reply | None:
        """None: it has not come whole yet. Raises ``Broken``."""
        code, said, at = None, [], self._at
        while (end := self._bytes.find(b"\n", at)) >= 0:
            line = self._bytes[at:end].rstrip(b"\r")
            found, goes_on = _parsed(line)
            if code not in (None, found):
                raise Broken("the mail server contradicts itself within one answer")
            code, at = found, end + 1
            said.append(line[4:])
            if not goes_on:
                self._at = at
                return Reply(code, b"\n".join(said))
            if at - self._at > LONGEST_REPLY:
                break
        if len(self._bytes) - at > LONGEST_LINE or at - self._at > LONGEST_REPLY:
            raise Broken("the mail server answers without an end")
        return None


def _parsed(line: bytes) -> tuple[int, bool]:
    """The code, and whether more lines follow."""
    digits, mark = line[:3], line[3:4]
    if len(line) > LONGEST_LINE or not digits.isdigit() or mark not in (b"", b" ", b"-"):
        raise Broken("the mail server answers what is no reply")
    code = int(digits)
    if not 200 <= code <= 599:
        raise Broken("the mail server answers with a code that does not exist")
    return code, mark == b"-"
