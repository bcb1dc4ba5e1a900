"""How does a customer come to be told, and to be told no more? By page and letters alone."""

import re

import httpx
import pytest

from tests.servers.plain import TRUSTING_NOBODY
from tests.servers.received import Received
from tests.stories.world import World

MARTA = "marta@example.org"


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_customer_asks_confirms_is_told_and_leaves(world: World) -> None:
    world.begin()
    asked = post(world, "/subscribe", {"address": MARTA, "language": "it"})
    assert asked.status_code == 200
    [letter] = world.until(lambda: world.letters_to(MARTA))
    confirm = re.findall(r"https?://\S+/confirm", letter.text)[0]
    assert "confirm" in confirm
    assert (
        httpx.get(confirm, trust_env=False, verify=TRUSTING_NOBODY).status_code == 200
    )  # a mail scanner looks
    assert world.store.count("subscribers", "state = 'active'") == 0
    assert (
        httpx.post(
            confirm, trust_env=False, verify=TRUSTING_NOBODY, follow_redirects=True
        ).status_code
        == 200
    )

    world.stop_database()
    told: Received = world.until(lambda: world.letters_to(MARTA)[1])
    assert "non è possibile fare ordini" in told.text
    stop = str(told.message["List-Unsubscribe"]).strip("<>")
    assert told.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (
        httpx.get(stop, trust_env=False, verify=TRUSTING_NOBODY).status_code == 200
    )  # shows a button, does nothing
    one_click = {"List-Unsubscribe": "One-Click"}
    done = httpx.post(stop, data=one_click, trust_env=False, verify=TRUSTING_NOBODY)
    assert (done.status_code, done.headers.get("set-cookie")) == (200, None)

    world.start_database()
    world.until(lambda: not world.open_incidents())
    world.stays(lambda: len(world.letters_to(MARTA)) == 2, 1.5)


def post(world: World, path: str, form: dict[str, str]) -> httpx.Response:
    return httpx.post(
        world.avviso.dsn + path, data=form, trust_env=False, verify=TRUSTING_NOBODY, timeout=10
    )
