"""Does a look end in time and as a value, whatever a kind does?"""

import asyncio
import logging
import ssl
import time
from datetime import timedelta
from typing import ClassVar

import pytest

from checks import probe as module
from checks.faults import Failure, explain
from checks.line import Line
from checks.network import Network
from checks.probe import Probe, answered
from checks.result import Fault, Grade, Result
from tests.checks.conftest import IMPATIENCE, PATIENCE


class Raises(Probe):
    kind: ClassVar[str] = "raises"
    _error: Exception

    async def look(self, line: Line) -> Result:
        line.host, line.port = "db.acme.example", 5432
        raise self._error


def raising(error: Exception) -> Raises:
    probe = Raises()
    object.__setattr__(probe, "__pydantic_private__", {"_error": error})
    return probe


ERRORS = [
    (ConnectionRefusedError(), Fault.REFUSED, "Connection refused by db.acme.example:5432."),
    (
        ConnectionResetError(),
        Fault.CLOSED,
        "db.acme.example:5432 closed the connection without an answer.",
    ),
    (
        asyncio.IncompleteReadError(b"", 4),
        Fault.CLOSED,
        "db.acme.example:5432 closed the connection without an answer.",
    ),
    (
        OSError(113, "No route to host"),
        Fault.UNREACHABLE,
        "db.acme.example:5432 can't be reached: no route to the host.",
    ),
    (TimeoutError(), Fault.TIMED_OUT, "db.acme.example:5432 did not answer."),
    (ssl.SSLError(1, "geheim"), Fault.TLS, "TLS: the handshake failed."),
    (
        Failure(Fault.WRONG_STATUS, "Answered 500, expected 200."),
        Fault.WRONG_STATUS,
        "Answered 500, expected 200.",
    ),
]


@pytest.mark.parametrize(("error", "fault", "sentence"), ERRORS)
async def test_what_happens_out_there_is_a_value(
    network: Network, error: Exception, fault: Fault, sentence: str
) -> None:
    result = await raising(error).run(network, PATIENCE)
    assert (result.grade, result.fault, result.says) == (Grade.FAILED, fault, sentence)
    assert not result.reached


async def test_what_a_driver_wraps_is_found_behind_it(network: Network) -> None:
    wrapped = RuntimeError("user geheim can't connect")
    wrapped.__cause__ = ConnectionRefusedError()
    result = await raising(wrapped).run(network, PATIENCE)
    assert result.fault == Fault.REFUSED


async def test_a_mistake_of_ours_is_a_value_too_and_logged_once_without_its_text(
    network: Network, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_logged", set())
    probe = raising(KeyError("postgresql://monitor:geheim@db"))
    with caplog.at_level(logging.ERROR):
        results = [await probe.run(network, PATIENCE) for _ in range(3)]
    assert {result.fault for result in results} == {Fault.PROBE_ERROR}
    assert [
        record.getMessage().startswith("a raises probe raised KeyError at")
        for record in caplog.records
    ] == [True]
    assert "geheim" not in caplog.text + results[0].says


async def test_running_out_of_sockets_blames_nobody_out_there(network: Network) -> None:
    result = await raising(OSError(24, "Too many open files")).run(network, PATIENCE)
    assert result.fault == Fault.PROBE_ERROR


class Hangs(Probe):
    kind: ClassVar[str] = "hangs"
    swallows: bool = False

    async def look(self, line: Line) -> Result:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if self.swallows:
                raise RuntimeError("the driver's own error") from None
            raise
        raise AssertionError


@pytest.mark.parametrize("swallows", [False, True])
async def test_a_look_that_hangs_timed_out(network: Network, swallows: bool) -> None:
    began = time.monotonic()
    result = await Hangs(swallows=swallows).run(network, IMPATIENCE)
    assert time.monotonic() - began < 0.8
    assert (result.fault, result.says) == (Fault.TIMED_OUT, "Timed out after 0.3 s.")
    assert (result.reached, result.latency_ms) == (False, None)


async def test_being_cancelled_is_no_result(network: Network) -> None:
    task = asyncio.create_task(Hangs().run(network, PATIENCE))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


class Stalls(Probe):
    """The first look waits while our own loop stands still; the second would go well."""

    kind: ClassVar[str] = "stalls"
    stall: float
    _looks: list[int]

    async def look(self, line: Line) -> Result:
        looks = self.__dict__.setdefault("_seen", [])
        looks.append(1)
        if len(looks) == 1:
            time.sleep(self.stall)  # noqa: ASYNC251 - to stall the loop is the point
            await asyncio.sleep(0.5)
        return answered(line, "Answered.")


@pytest.mark.parametrize(("stall", "grade"), [(0.9, Grade.WELL), (0.0, Grade.FAILED)])
async def test_our_own_standstill_is_no_failure_of_the_target(
    network: Network, stall: float, grade: Grade
) -> None:
    result = await Stalls(stall=stall).run(network, IMPATIENCE)
    assert result.grade == grade


async def test_more_than_allowed_is_slow(network: Network) -> None:
    called = Line(network, PATIENCE)
    called.began -= 0.2
    assert answered(called, "Answered.").grade == Grade.WELL
    assert answered(called, "Answered.", timedelta(seconds=1)).grade == Grade.WELL
    assert answered(called, "Answered.", timedelta(seconds=0.1)).grade == Grade.SLOW


async def test_an_error_that_goes_in_a_circle_is_ours(network: Network) -> None:
    first, second = RuntimeError(), RuntimeError()
    first.__cause__, second.__cause__ = second, first
    assert explain(first, Line(network, PATIENCE)) is None
