"""How is written down what happened, so that nobody can be found in it?

Every process of ours begins here, the mailer's child too. Nobody's address, code or hook
stands in a log (GDPR art. 5: what is not there needs no erasing), whoever writes the line: an
exception is told by its kind and place, for its words may repeat what was to be stored;
libraries that tell every call are silent; and what looks like one of them all the same is
taken out at the very end.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from types import TracebackType

_TELL_EVERY_CALL = ("apscheduler", "httpx", "httpcore", "alembic", "aiosmtplib")
_OPEN_TO_STRANGERS = ("uvicorn.error", "python_multipart")
"""They warn of each request that cannot be read: anybody could fill the disk."""
_ADDRESS = re.compile(r"[^\s<>,:;\"'()=]+(?:@|%40)[^\s<>,:;\"'()&]+")
_PATH = re.compile(r"(https?://)(?:[^\s/@\"']*@)?([^\s/?#\"'<>]+)[/?#][^\s\"'<>)]+")
_SECRET = re.compile(r"whsec_[A-Za-z0-9+/=_-]+|av_[A-Za-z0-9_-]{43}", re.ASCII)
_PERSONAL_LINK = re.compile(r"(/(?:subscriptions|unsubscribe|cases)/)[A-Za-z0-9_-]+", re.ASCII)

_Caught = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def begin() -> None:
    """Once in each process, before anything is said."""
    out = logging.StreamHandler(sys.stderr)
    out.setFormatter(Discreet("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[out])
    for name in _TELL_EVERY_CALL:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _OPEN_TO_STRANGERS:
        logging.getLogger(name).setLevel(logging.ERROR)


class Discreet(logging.Formatter):
    """A formatter whose lines name nobody."""

    def format(self, record: logging.LogRecord) -> str:
        return without_people(super().format(record))

    def formatException(self, ei: _Caught) -> str:  # noqa: N802  as the library calls it
        """Kinds and places, down to the first cause; no words."""
        told, error = [], ei[1]
        while error is not None:
            where = "".join(traceback.format_tb(error.__traceback__))
            told.append(f"{where}{type(error).__module__}.{type(error).__qualname__}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\nbecause of\n".join(told)


def without_people(line: str) -> str:
    """The same line, less the addresses, secrets and personal links in it."""
    line = _SECRET.sub("(secret)", line)
    line = _PATH.sub(r"\1\2/(path)", line)
    return _PERSONAL_LINK.sub(r"\1(code)", _ADDRESS.sub("(address)", line))
