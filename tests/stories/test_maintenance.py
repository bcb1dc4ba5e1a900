"""Is work on the database quiet, also when Avviso is killed in the middle of it?

The shop is under maintenance while its database is taken away; what is still away when the
time is over is an outage like any other.
"""

import pytest

from tests.stories.configuration import ANNA, PAUL
from tests.stories.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def test_a_deploy_is_quiet_and_what_it_leaves_broken_is_not(world: World) -> None:
    world.begin()
    world.subscribe_both()
    office = world.office("incidents", "read")
    said = office.shell("avviso maintenance now orders-db 20m 'A larger disk.'")
    assert said.startswith("Begun ")
    world.stop_database()
    world.until(lambda: world.gate() == 503)
    world.until(lambda: stands_of_both(world) == {"under_maintenance"})  # the shop's is seen first
    it_is_quiet(world)
    assert "Shop: under maintenance." in read_in_place_of_the_shop(world)
    world.avviso.die()
    world.avviso.start()
    world.until(lambda: world.get("/readyz").status_code == 200)
    world.stays(lambda: not world.open_incidents(), 3)
    it_is_quiet(world)
    office.shell("avviso maintenance end")
    incident = world.until_named("Orders database", "Shop")
    world.until(lambda: world.hook.of("opened"))
    world.until(lambda: world.letters_to(PAUL) and world.letters_to(ANNA))
    world.start_database()
    world.until(lambda: not world.open_incidents())
    assert [one["id"] for one in world.incidents()] == [incident["id"]]


def it_is_quiet(world: World) -> None:
    """The page says what is done; nobody is called, and nothing is written."""
    assert world.open_incidents() == []
    assert stands_of_both(world) == {"under_maintenance"}
    page = world.page()
    assert "A larger disk." in page
    assert "Planned until" in page
    assert world.hook.heard == []
    assert world.calls == world.mailbox.letters == []


def stands_of_both(world: World) -> set[str]:
    return {world.status("shop"), world.status("orders-db")}


def read_in_place_of_the_shop(world: World) -> str:
    """What a customer reads who comes to buy, through nginx."""
    return world.buy().text


def test_one_that_is_put_right_in_time_is_never_spoken_of_again(world: World) -> None:
    world.begin()
    world.subscribe_both()
    office = world.office("incidents", "read")
    office.shell("avviso maintenance now orders-db,shop 20m")
    world.stop_database()
    world.until(lambda: world.gate() == 503)
    world.start_database()
    world.until(lambda: world.gate() == 204)
    office.shell("avviso maintenance end shop")
    world.until(lambda: world.status("shop") == "operational")
    world.stays(lambda: not world.open_incidents(), 3)
    assert world.hook.heard == []
    assert world.mailbox.letters == []
