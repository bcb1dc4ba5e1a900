"""What is said when it may be ourselves: cut off, ten causes at once, a target that flaps?"""

from collections.abc import Iterator

import pytest

from tests.servers.smtp import Relay
from tests.stories import configuration
from tests.stories.configuration import ANNA, PAUL
from tests.stories.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def far_away() -> Iterator[Relay]:
    """Something that listens, and can be unplugged: a reference, or a target."""
    with Relay() as listener:
        yield listener


def test_cut_off_we_believe_nothing_and_write_to_nobody(world: World, far_away: Relay) -> None:
    near_by = {"kind": "http", "url": world.nginx.dsn, "server": "window-1"}
    world.configure(
        {"checks": {"reference": [f"tcp://127.0.0.1:{far_away.port}"]}},
        components=configuration.shop_and_database(world.nginx.dsn, world.database.dsn)
        + configuration.component("window", "Window", near_by),
    )
    world.begin()
    world.subscribe_both()

    far_away.stop()
    world.stop_database()
    world.until(lambda: world.metric("avviso_cut_off") == 1)
    world.until(lambda: world.hook.of("cut_off"))
    world.until(lambda: "Our own connection is cut" in world.page())
    world.stays(lambda: not world.open_incidents(), 3)  # longer than confirming and first_after
    assert world.gate() == 204
    assert not world.store.count("changes")

    world.start_database()
    far_away.start()
    world.until(lambda: world.hook.of("connected_again"))
    world.until(lambda: world.metric("avviso_cut_off") == 0)
    world.until(world.everything_was_looked_at)
    assert [call.occasion for call in world.hook.heard] == ["cut_off", "connected_again"]
    assert not world.letters_to(ANNA)
    assert not world.incidents()


def test_connected_again_what_is_really_down_is_told(world: World, far_away: Relay) -> None:
    world.configure({"checks": {"reference": [f"tcp://127.0.0.1:{far_away.port}"]}})
    world.begin()
    far_away.stop()
    world.stop_database()
    world.until(lambda: world.hook.of("cut_off"))

    far_away.start()
    world.until_named("Orders database", "Shop")
    world.until(lambda: world.hook.of("connected_again") and world.hook.of("opened"))
    assert len(world.hook.of("cut_off")) == 1


def test_ten_causes_at_once_wait_for_an_operator(world: World, far_away: Relay) -> None:
    world.configure(components="".join(_part(far_away.port, n) for n in range(10)))
    world.begin()
    world.subscribe_both()
    office = world.office("incidents")

    far_away.stop()
    incident = world.until_named(*(f"Part {n}" for n in range(10)))
    assert "Part 0" in world.page()
    waiting = world.until(lambda: world.hook.of("letters_waiting"))[0]
    assert "it may be us" in waiting.text
    world.stays(lambda: not world.letters_to(PAUL), 3)  # longer than first_after
    assert not world.letters_to(ANNA)

    office.shell(f"avviso letters release {incident['id']} --yes")
    world.until(lambda: world.letters_to(PAUL) and world.letters_to(ANNA))


def test_a_flapping_target_is_one_incident_and_few_letters(world: World, far_away: Relay) -> None:
    flaps = {"flap_changes": 5, "flap_within": "2m", "flap_steady": "3s"}
    world.configure({"checks": flaps}, components=_part(far_away.port, 0))
    world.begin()
    world.subscribe_both()

    for _ in range(4):
        far_away.stop()
        world.until(lambda: not world.store.count("checks", "belief = 'well'"))
        far_away.start()
        world.until(lambda: not world.store.count("checks", "belief = 'failed'"))
    world.until(lambda: world.status("part") == "degraded_performance")
    assert world.gate(of="part-0") == 204

    world.until(lambda: world.status("part") == "operational")
    world.until(lambda: not world.open_incidents())
    assert len(world.incidents()) == 1
    assert len(world.letters_to(PAUL)) <= 3


def _part(port: int, n: int) -> str:
    check = {"kind": "tcp", "host": "127.0.0.1", "port": port, "server": f"box-{n}"}
    return configuration.component(f"part-{n}", f"Part {n}", check)
