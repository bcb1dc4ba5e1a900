"""What is said next, and which letter does an answer belong to?

The commands of a letter (MAIL, RCPT, DATA) go out together, behind the body of the letter
before (RFC 2920 3.1: DATA ends a group, and what follows a body may stand beside it).

    waiting ──envelope──> asked ──354──> said ──2yz──> accepted
                            │              └──4yz, 5yz──> refused
                            └──MAIL, RCPT or DATA refused──> refused

Nothing here knows a socket or a clock. Rules: the body waits for its 354; who says 354 though
nobody was let in gets a lone dot; after a refused DATA the transaction is reset; an answer
that can't belong to what was asked ends the conversation, for the next one would be taken for
another's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from notifications.channel import Accepted, Outcome, Unreachable
from notifications.replies import answered, readable
from notifications.smtp.reading import Broken, Reader, Reply
from notifications.smtp.transaction import Transaction

_LAST_DOT = b".\r\n"
_GO_ON, _CLOSING = 354, 421
_OUT_OF_STEP = "the mail server answers out of step"


Ended = tuple[Transaction, Outcome]
_Heard = Callable[[Reply, Transaction], Outcome | None]


class Conversation:
    """One connection's, once the relay has let us in."""

    def __init__(self) -> None:
        self._reader = Reader()
        self._waiting: deque[Transaction] = deque()
        self.asking: Transaction | None = None
        """The last that something was said of, until its DATA is answered."""
        self._expected: deque[tuple[_Heard, Transaction]] = deque()
        self._to_reset = False
        self._lets_in = False
        """A letter had its turn here: its DATA was answered."""
        self._out: list[bytes] = []

    def hand(self, letter: Transaction) -> None:
        """It is sent as soon as it can be."""
        self._waiting.append(letter)
        self._ask()

    def to_send(self) -> list[bytes]:
        """All that is to be said now, to be sent together."""
        said, self._out = self._out, []
        return said

    def hear(self, data: bytes) -> Iterator[Ended]:
        """Which letters have ended by letter. Raises ``Broken``: what is ``under_way`` then is
        unknown, what ended before it did so.
        """
        self._reader.take(data)
        while (reply := self._reader.next()) is not None:
            if reply.code == _CLOSING or not self._expected:
                raise Broken(readable(reply.text), reply.code)
            heard, letter = self._expected.popleft()
            try:
                ended = heard(reply, letter)
            except Broken:
                self._expected.appendleft((heard, letter))
                raise
            if ended is not None:
                yield letter, ended
        self._ask()

    def under_way(self) -> list[Transaction]:
        """Of which something was said and whose end is not known, the first first."""
        return list(dict.fromkeys(letter for _, letter in self._expected))

    def unharmed(self) -> Transaction | None:
        """The one that only asked to be let in, after others were: when the conversation ends
        here, that says nothing of it, and nothing of its body was said.
        """
        return self.asking if self._lets_in else None

    def take_back(self, letter: Transaction) -> bool:
        """False: it was begun."""
        if letter in self._waiting:
            self._waiting.remove(letter)
            return True
        return False

    def _ask(self) -> None:
        """May this letter come in? Only one asks at a time: what follows its DATA is its body."""
        if self.asking is not None or not self._waiting:
            return
        letter = self.asking = self._waiting.popleft()
        if self._to_reset:
            self._out.append(b"RSET\r\n")
            self._expected.append((_reset, letter))
            self._to_reset = False
        self._out.append(letter.envelope)
        self._expected += ((_sender, letter), (_recipient, letter), (self._data, letter))

    def _data(self, reply: Reply, letter: Transaction) -> Outcome | None:
        if reply.code == _GO_ON:
            self._say(letter)
            return None
        if reply.code < 400:
            raise Broken(_OUT_OF_STEP)
        self.asking, self._to_reset, self._lets_in = None, True, True
        return letter.refused or answered(reply.code, reply.text)

    def _say(self, letter: Transaction) -> None:
        if not self._reader.is_empty:  # who listens says nothing: this was meant for another line
            raise Broken(_OUT_OF_STEP)
        self.asking, self._lets_in = None, True
        self._out += (_LAST_DOT,) if letter.refused else (letter.raw, _LAST_DOT)
        self._expected.append((_said, letter))


def _reset(reply: Reply, letter: Transaction) -> None:  # noqa: ARG001  all are asked alike
    if not _is_well(reply):
        raise Broken(_OUT_OF_STEP)


def _sender(reply: Reply, letter: Transaction) -> None:
    if not _is_well(reply):
        # who may not send at all may not send to anybody: no recipient is to blame
        letter.refused = Unreachable(readable(reply.text), reply.code, ours=True)


def _recipient(reply: Reply, letter: Transaction) -> None:
    if not _is_well(reply) and letter.refused is None:
        letter.refused = answered(reply.code, reply.text)


def _said(reply: Reply, letter: Transaction) -> Outcome:
    if letter.refused is not None:  # the lone dot, whatever was made of it
        return letter.refused
    if _is_well(reply):
        return Accepted(readable(reply.text))
    return answered(reply.code, reply.text)


def _is_well(reply: Reply) -> bool:
    """Raises ``Broken`` for what answers none of MAIL, RCPT, RSET and the last dot."""
    if 300 <= reply.code <= 399:
        raise Broken(_OUT_OF_STEP)
    return reply.code < 300
