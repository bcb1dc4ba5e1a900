"""How long does it take to read a page of text before it is sent?

    python -m benchmarks.review [--times 200]

A page is some 400 words with eight new misspellings each time, so that no suggestion is
remembered from the page before. Told are the first review, which loads the dictionaries, how
long it kept an event loop waiting (it runs in a thread, beside it), and the warm ones.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import resource
import statistics
import time
from collections.abc import Iterator

from benchmarks._machine import describe
from notifications.findings.draft import Draft
from notifications.review import review
from tests.notifications.review.corpus import LANGUAGES, letters

WORDS, SLIPS = 400, 8
TICK_S = 0.001


def main() -> None:
    times = _arguments().times
    print(describe())
    for language in LANGUAGES:
        before = _memory_mb()
        pages = _pages(language)
        first, held = asyncio.run(_first(next(pages), language))
        warm = [_taken(page, language) for page in itertools.islice(pages, times)]
        print(
            f"{language}  first {first * 1000:4.0f} ms (the loop waited {held * 1000:3.0f} ms)"
            f"   a page of {WORDS} words with {SLIPS} new slips: {_told([one[0] for one in warm])},"
            f" of CPU {_told([one[1] for one in warm])}   +{_memory_mb() - before} MB"
        )


def _told(seconds: list[float]) -> str:
    slow = statistics.quantiles(seconds, n=100)[98]
    return f"median {statistics.median(seconds) * 1000:4.1f} ms, p99 {slow * 1000:4.1f} ms"


async def _first(page: Draft, language: str) -> tuple[float, float]:
    """Seconds of the first review, and the longest that a tick came late meanwhile."""
    began, held = time.perf_counter(), 0.0
    reading = asyncio.create_task(asyncio.to_thread(review, page, language))
    while not reading.done():
        asked = time.perf_counter()
        await asyncio.sleep(TICK_S)
        held = max(held, time.perf_counter() - asked - TICK_S)
    return time.perf_counter() - began, held


def _taken(page: Draft, language: str) -> tuple[float, float]:
    """Seconds, and those of them in which this thread had the processor."""
    began, worked = time.perf_counter(), time.thread_time()
    found = review(page, language)
    taken = time.perf_counter() - began, time.thread_time() - worked
    assert sum(one.rule == "spelling" for one in found) >= SLIPS // 2, "the slips were not found"
    return taken


def _pages(language: str) -> Iterator[Draft]:
    """Good letters one after the other until they fill a page, with slips in them."""
    chance = random.Random(1)  # the same pages each time
    texts = [text for draft in letters(language) for text in draft.parts.values() if text]
    while True:
        chance.shuffle(texts)
        words = " ".join(texts).split()[:WORDS]
        long = [at for at, word in enumerate(words) if len(word) > 6 and word.isalpha()]
        for at in chance.sample(long, SLIPS):
            words[at] = _slipped(words[at], chance)
        yield Draft(parts={"what_happened": " ".join(words), "what_we_are_doing": ""})


def _slipped(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    return word[:at] + chance.choice("bcdfgklmnpqrtvxz") + word[at + chance.randrange(2) :]


def _memory_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review")
    parser.add_argument("--times", type=int, default=200)
    return parser.parse_args()


if __name__ == "__main__":
    main()
