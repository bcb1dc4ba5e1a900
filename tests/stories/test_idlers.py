"""While thousands hold a connection and want nothing: is an outage noticed and told as ever?"""

from __future__ import annotations

import pytest

from tests.stories.configuration import ANNA, PAUL, WHEN_DOWN
from tests.stories.crowd import counts
from tests.stories.idlers import Idlers, held_by, idlers
from tests.stories.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
WITHIN = 60.0


def an_outage_is_told_and_over(world: World) -> None:
    """Each question comes by a new connection of an honest visitor's."""
    world.stop_database()
    world.until_named("Orders database", "Shop")
    assert WHEN_DOWN["en"] in world.page("en")
    assert world.buy().status_code == 503
    world.until(lambda: world.letters_to(ANNA) and world.letters_to(PAUL))
    world.start_database()
    world.until(lambda: not world.open_incidents())
    world.until(lambda: len(world.letters_to(ANNA)) == len(world.letters_to(PAUL)) == 2)


def looks(world: World) -> tuple[float, float]:
    """How many began late by more than the longest pause of theirs, and how many there were."""
    of = 'avviso_probe_lateness_seconds_bucket{le="%s"}'
    in_time, all_of_them = (world.metric(of % le) for le in ("0.5", "+Inf"))
    return all_of_them - in_time, all_of_them


def all_are_sent_away(world: World, crowd: Idlers) -> None:
    """Who sends half of something, takes nothing, or only keeps the door open."""
    crowd.come_no_more()
    world.until(lambda: held_by(world.avviso.port) == 0, within=WITHIN)


@pytest.mark.parametrize("count", [400, pytest.param(5_000, marks=pytest.mark.soak)])
def test_an_outage_among_idlers(world: World, count: int) -> None:
    world.begin()
    world.subscribe_both()
    with idlers(world.avviso.port, count) as crowd:
        world.until(lambda: crowd.holding >= count, within=WITHIN)
        an_outage_is_told_and_over(world)
        late, began = looks(world)
        assert held_by(world.avviso.port) >= count / 2, "else nothing was shown"
        all_are_sent_away(world, crowd)
    counts(
        f"{count} idlers, sent away {dict(crowd.sent_away)}; {late:.0f} of {began:.0f} looks late"
    )
    assert late < began / 2, "on a busy machine some are"
