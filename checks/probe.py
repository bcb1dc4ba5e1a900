"""What is a kind of check, and how is one look run?

A kind is a ``Probe``: its settings as fields and one coroutine, ``look``. Whatever the
other side does, ``run`` ends at the timeout and gives a ``Result``: what happens out
there is a value. Secrets are ``SecretStr`` fields, so that no repr shows them.
"""

from __future__ import annotations

import asyncio
import logging
import time
from abc import abstractmethod
from datetime import timedelta
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from checks.duration import spell
from checks.faults import Failure, explain
from checks.line import Line
from checks.network import Network
from checks.result import Fault, Grade, Result

logger = logging.getLogger(__name__)

# When the deadline is noticed this late, it was our own loop that stood still.
STALLED = timedelta(milliseconds=500)


class Probe(BaseModel):
    """One check's settings, without those that every kind has (id, interval, timeout, server)."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: ClassVar[str]

    @abstractmethod
    async def look(self, line: Line) -> Result:
        """Look once. May raise ``Failure`` or OSError and need mind no deadline.

        Whoever connects by other means than ``line.connect`` calls ``line.resolve`` first
        and ``line.picked_up`` when the connection stands.
        """

    async def run(self, network: Network, timeout: timedelta) -> Result:
        """Look once within a total deadline; never raises, but when it is cancelled."""
        began = time.monotonic()
        result = await self._timed(network, timeout)
        late = timedelta(seconds=time.monotonic() - began) - timeout
        if result.fault == Fault.TIMED_OUT and late > STALLED:
            # The answer may have waited unread while we stood still: no data is not "down".
            return await self._timed(network, timeout)
        return result

    async def _timed(self, network: Network, timeout: timedelta) -> Result:
        line = Line(network, timeout)
        deadline = asyncio.timeout(timeout.total_seconds())
        try:
            async with deadline:
                return await self.look(line)
        except Exception as error:  # noqa: BLE001 - whatever a driver raises, it is a value here
            # Not only TimeoutError: a driver may turn our cancelling into an error of its own.
            if deadline.expired():
                late = Failure(Fault.TIMED_OUT, f"Timed out after {_plain(timeout)}.")
                return _failed(line, late)
            return _failed(line, self._explained(error, line))

    def _explained(self, error: Exception, line: Line) -> Failure:
        failure = explain(error, line)
        if failure is not None:
            return failure
        _log_once(self.kind, error)
        return Failure(Fault.PROBE_ERROR, "The probe itself failed; the log has the reason.")


def answered(line: Line, says: str, max_time: timedelta | None = None) -> Result:
    """A look that went well, or slow when it took longer than ``max_time``."""
    latency = line.elapsed_ms
    if max_time is not None and latency > max_time / timedelta(milliseconds=1):
        slow = f"Answered in {latency:.0f} ms, allowed are {spell(max_time)}."
        return Result(Grade.SLOW, latency, slow, address=line.address)
    return Result(Grade.WELL, latency, says, address=line.address)


def _failed(line: Line, failure: Failure) -> Result:
    latency = line.elapsed_ms if line.reached else None
    return Result(Grade.FAILED, latency, failure.says, failure.fault, line.reached, line.address)


def _plain(length: timedelta) -> str:
    return f"{length.total_seconds():g} s"


_logged: set[tuple[str, str]] = set()


def _log_once(kind: str, error: Exception) -> None:
    """A fault of ours would come back with every look: the first of its type is enough.

    Only the place of the error is logged: drivers put connection strings in their messages.
    """
    told = (kind, type(error).__qualname__)
    if told in _logged:
        return
    _logged.add(told)
    trail = error.__traceback__
    while trail is not None and trail.tb_next is not None:
        trail = trail.tb_next
    where = f"{trail.tb_frame.f_code.co_filename}:{trail.tb_lineno}" if trail else "unknown"
    logger.error("a %s probe raised %s at %s", kind, told[1], where)
