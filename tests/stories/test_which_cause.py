"""Whose fault is it said to be: the database's, the web server's, or a whole machine's?"""

from collections.abc import Callable

import pytest

from tests.stories.configuration import PAUL
from tests.stories.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def test_a_dead_web_server_is_the_cause_itself_and_its_database_is_not(
    founded: Callable[..., World], store_url: str
) -> None:
    world = founded(store_url)
    world.configure()
    world.begin()
    world.subscribe_both()

    world.stop_nginx()
    incident = world.until_named("Shop")

    assert world.status("orders") == "operational"
    assert "because of" not in world.page()
    assert world.gate() == 503
    world.until(lambda: world.hook.of("opened"))
    assert "Shop is down" in world.hook.of("opened")[0].text
    assert "Orders database" not in world.hook.of("opened")[0].text
    assert "Shop" in world.until(lambda: world.letters_to(PAUL))[0].subject

    world.start_nginx()
    world.until(lambda: not world.open_incidents())
    world.until(lambda: len(world.letters_to(PAUL)) == 2)
    assert [one["id"] for one in world.incidents()] == [incident["id"]]


def test_a_machine_that_is_gone_with_all_that_ran_on_it_is_one_cause(world: World) -> None:
    world.configure(shared=True)
    world.begin()

    world.lose_both()
    world.until_named("Orders database", "Shop")

    told = "A whole server does not answer. On it: Orders database and Shop."
    world.until(lambda: told in world.page())
    assert "because of" not in world.page()
    world.start_database()
    world.start_nginx()
    world.until(lambda: not world.open_incidents())
    assert len(world.incidents()) == 1


def test_two_machines_gone_at_once_are_two_causes_of_one_incident(world: World) -> None:
    world.begin()

    world.lose_both()
    world.until_named("Orders database", "Shop")

    world.until(lambda: causes(world) == {"Orders database", "Shop"})
    assert "whole server" not in world.page()
    assert "because of" not in world.page()  # each is a cause itself


def causes(world: World) -> set[str]:
    """Where it began, as the operators' newest call says."""
    newest = world.hook.of("opened")[-1].body["data"]["incident"]
    return {cause["component"] for cause in newest["causes"]}
