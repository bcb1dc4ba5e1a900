"""Who waits for an answer, who asks for it, and how long does it stand?

The clock and the beginning of an asking are handed in: what "comes back" here is carried out when
the test says so, and nobody sleeps.
"""

import asyncio
import threading
from collections.abc import Callable

import pytest

from statuspage.middleware import remembered
from statuspage.middleware.remembered import FRESH_S, KEPT_S, LOST_S, Remembered


class Asked:
    """A question whose askings wait for the test: `answer("shut")` lets the oldest come back."""

    def __init__(self) -> None:
        self.at = 1000.0
        self.begun: list[Callable[[], None]] = []
        self.count = 0
        self._next: str | None = None
        self.memory = Remembered(self._ask, clock=lambda: self.at, begin=self._begin)

    def _ask(self) -> str | None:
        return self._next

    def _begin(self, work: Callable[[], None]) -> None:
        self.count += 1
        self.begun.append(work)

    def answer(self, what: str | None) -> None:
        self._next = what
        self.begun.pop(0)()

    def knows(self, what: str) -> None:
        self.first(what)
        assert self.memory.now() == what

    def first(self, what: str | None) -> None:
        self.memory.now()
        self.answer(what)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    monkeypatch.setattr(remembered, "PATIENCE_S", 0.01)  # nobody answers while a test waits
    return Asked()


def test_an_answer_stands_and_nobody_asks_again_while_it_is_fresh(asked: Asked) -> None:
    asked.knows("shut")
    asked.at += FRESH_S * 0.9
    assert [asked.memory.now() for _ in range(3)] == ["shut"] * 3
    assert asked.count == 1


def test_an_older_one_still_stands_while_one_asks_anew(asked: Asked) -> None:
    asked.knows("shut")
    asked.at += FRESH_S * 2
    assert [asked.memory.now() for _ in range(3)] == ["shut"] * 3
    assert asked.count == 2
    asked.answer("open")
    assert asked.memory.now() == "open"


def test_one_that_nobody_could_renew_is_forgotten(asked: Asked) -> None:
    asked.knows("shut")
    asked.at += KEPT_S * 0.9
    assert asked.memory.now() == "shut"
    asked.answer(None)
    assert asked.memory.now() == "shut"
    asked.at += KEPT_S * 0.2
    assert asked.memory.now() is None


def test_who_finds_nothing_waits_and_no_longer_than_patience(asked: Asked) -> None:
    assert asked.memory.now() is None
    assert asked.count == 1
    asked.at += 0.02  # past its patience
    assert asked.memory.now() is None
    assert asked.count == 1, "it is still under way"
    asked.answer("shut")
    assert asked.memory.now() == "shut", "late, and true"


def test_after_one_that_learned_nothing_nobody_waits_for_the_next(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked.first(None)
    monkeypatch.setattr(remembered, "PATIENCE_S", 3600)  # who waits now, waits for ever
    asked.at += FRESH_S
    assert asked.memory.now() is None
    assert asked.count == 2
    asked.answer("shut")
    assert asked.memory.now() == "shut"


def test_it_is_asked_no_more_often_for_having_failed(asked: Asked) -> None:
    asked.first(None)
    assert [asked.memory.now() for _ in range(9)] == [None] * 9
    assert asked.count == 1


def test_an_asking_whose_thread_was_left_behind_by_a_fork_is_begun_again(asked: Asked) -> None:
    asked.memory.now()
    asked.at += LOST_S - 1
    asked.memory.now()
    assert asked.count == 1
    asked.at += 1
    asked.memory.now()
    assert asked.count == 2


def test_a_process_that_can_start_no_thread_goes_on_without() -> None:
    def full(_: Callable[[], None]) -> None:
        raise RuntimeError("can't start new thread")

    assert Remembered(lambda: "shut", begin=full).now() is None


def test_a_mistake_in_asking_is_an_answer_that_did_not_come() -> None:
    def mistaken() -> str | None:
        raise ZeroDivisionError

    assert Remembered(mistaken, begin=lambda work: work()).now() is None


async def test_tasks_wait_for_one_asking_together_and_the_loop_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(remembered, "PATIENCE_S", 20.0)
    held, count = threading.Event(), 0

    def ask() -> str | None:
        nonlocal count
        count += 1
        held.wait(10)
        return "shut"

    memory = Remembered(ask, clock=lambda: 0.0)
    waiting = [asyncio.create_task(memory.soon()) for _ in range(50)]
    await asyncio.sleep(0)
    held.set()  # reached although fifty wait
    assert await asyncio.gather(*waiting) == ["shut"] * 50
    assert count == 1


async def test_a_task_that_gives_up_does_not_end_the_asking_for_the_others(asked: Asked) -> None:
    assert await asked.memory.soon() is None
    asked.answer("shut")
    assert await asked.memory.soon() == "shut"


def test_threads_that_come_together_begin_one_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "PATIENCE_S", 20.0)
    all_there, count = threading.Barrier(20), 0
    answered: list[str | None] = []

    def ask() -> str | None:
        nonlocal count
        count += 1
        return "shut"

    memory = Remembered(ask, clock=lambda: 0.0)

    def visitor() -> None:
        all_there.wait()
        answered.append(memory.now())

    threads = [threading.Thread(target=visitor) for _ in range(20)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert count == 1
    assert answered == ["shut"] * 20
