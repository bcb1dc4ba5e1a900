"""What is lost, and what comes twice, when Avviso is killed or stopped on the way?

Nothing is lost; after a kill a letter may come once more, with the same Message-ID; after SIGTERM
none does.
"""

import random
import re
import time
from collections import Counter
from collections.abc import Callable

import pytest

from tests.stories.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
CUSTOMERS = [f"customer{n:02}@example.org" for n in range(40)]
ADDRESSES = frozenset(CUSTOMERS)
MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
STATIONS: dict[str, Callable[[World], bool]] = {
    "after the verdict": lambda world: world.store.count("changes") > 0,
    "after the incident opened": lambda world: world.store.count("incidents") > 0,
    "while spreading": lambda world: world.store.count("deliveries") > 0,
    "while delivering": lambda world: len(letters(world)) >= len(CUSTOMERS) // 2,
}


@pytest.mark.parametrize("station", STATIONS)
def test_killed_on_the_way_nothing_is_lost(world: World, station: str) -> None:
    a_world_with_customers(world)
    world.stop_database()
    world.until(lambda: STATIONS[station](world))
    world.avviso.die()
    world.avviso.start()
    the_outage_ends(world)
    everybody_was_told_and_nobody_twice_but_for_the_kill(world)


def test_killed_while_the_last_word_is_due_nothing_is_lost(world: World) -> None:
    a_world_with_customers(world)
    world.stop_database()
    everybody_has(world, 1)
    world.start_database()
    world.until(lambda: world.store.count("announcements", "occasion = 'over'") > 0)
    world.avviso.die()
    world.avviso.start()
    everybody_has(world, 2)
    everybody_was_told_and_nobody_twice_but_for_the_kill(world)


def test_a_call_under_way_when_it_was_killed_goes_out_at_the_next_start(
    founded: Callable[..., World], store_url: str
) -> None:
    """Not when the dead one's claim has lapsed: the outage may be over by then."""
    world = founded(store_url)
    world.configure()
    world.begin()
    world.hook.hears.clear()
    world.stop_database()
    held = "target LIKE 'http%' AND lease_by IS NOT NULL"
    world.until(lambda: world.store.count("calls", held))
    world.avviso.die()
    [(dead,)] = world.store.rows(f"SELECT DISTINCT lease_by FROM calls WHERE {held}")  # noqa: S608
    world.hook.hears.set()
    world.avviso.start()
    world.until(lambda: world.get("/readyz").status_code == 200)
    world.until(lambda: not world.store.count("calls", f"lease_by = '{dead}'"), within=4)
    world.until(lambda: world.hook.of("opened"))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_killed_at_any_moment_nothing_is_lost(
    founded: Callable[..., World], store_url: str, seed: int
) -> None:
    world = founded(store_url)
    world.configure()
    a_world_with_customers(world)
    world.stop_database()
    time.sleep(random.Random(seed).uniform(0, 5))
    world.avviso.die()
    world.avviso.start()
    the_outage_ends(world)
    everybody_was_told_and_nobody_twice_but_for_the_kill(world)


def test_told_to_stop_it_ends_in_time_and_no_letter_comes_twice(world: World) -> None:
    a_world_with_customers(world)
    world.stop_database()
    world.until(lambda: len(letters(world)) >= 5)
    code, seconds = world.avviso.terminate()
    assert code == 0
    assert seconds < 10
    told = len(letters(world))
    assert 5 <= told < len(CUSTOMERS)

    world.avviso.start()
    everybody_has(world, 1)
    assert len(letters(world)) == len(CUSTOMERS)


def a_world_with_customers(world: World) -> None:
    world.configure({"mail": {"max_per_second": 40}})
    world.begin()
    world.store.subscribe(*CUSTOMERS)


def the_outage_ends(world: World) -> None:
    everybody_has(world, 1)
    world.start_database()
    everybody_has(world, 2)


def everybody_has(world: World, count: int) -> None:
    """Everybody has had so many different letters."""
    world.until(lambda: all(len(came) == count for came in ids(world).values()), within=60)


def everybody_was_told_and_nobody_twice_but_for_the_kill(world: World) -> None:
    world.until(lambda: not world.open_incidents())
    world.until(lambda: not world.store.count("deliveries", "state = 'queued'"))
    assert len(world.incidents()) == 1
    copies = [count for came in ids(world).values() for count in came.values()]
    assert len(copies) == 2 * len(CUSTOMERS)
    assert max(copies) <= 2
    assert sum(copies) - len(copies) <= 16  # what eight lines can have sent unrecorded
    assert len(world.hook.of("opened")) in {1, 2}


def letters(world: World) -> list[str]:
    return [one.recipient for one in world.mailbox.letters if one.recipient in ADDRESSES]


def ids(world: World) -> dict[str, Counter[bytes]]:
    """For each customer the Message-IDs that came, and how often each did."""
    came = {address: Counter[bytes]() for address in CUSTOMERS}
    for one in list(world.mailbox.letters):
        if one.recipient in ADDRESSES and (named := MESSAGE_ID.search(one.raw)):
            came[one.recipient][named[1]] += 1
    return came
