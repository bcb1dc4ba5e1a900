"""What do customers hear when the word that they were promised does not come?"""

from collections.abc import Callable
from datetime import datetime

import pytest

from tests.stories.configuration import ANNA, PAUL
from tests.stories.world import World

NIGHT = {"quiet_hours": "00:00-24:00", "undo": "200ms", "first_after": "1h"}
SAID = {
    "components": ["shop"],
    "what_happened": "A disk of our database is full.",
    "what_we_are_doing": "We are moving old data away.",
    "next_update_in": "2s",
}


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_word_that_does_not_come_is_owned_up_to_by_day_and_night(
    founded: Callable[..., World], store_url: str
) -> None:
    world = founded(store_url)
    world.configure({"letters": NIGHT})
    world.begin()
    world.subscribe_both()
    office = world.office("incidents")
    world.stop_database()
    id = world.until_named("Orders database", "Shop")["id"]
    assert office.post("/incidents", SAID).status_code == 200

    late = world.until(lambda: world.letters_to(PAUL)[1])
    assert late.subject.endswith(": our word is late")
    assert "We are sorry for that." in " ".join(late.text.split())
    assert "Le avevamo promesso notizie" in world.until(lambda: world.letters_to(ANNA)[1]).text
    human, renewed = office.incident(id)["promises"][-2:]
    assert (human["by"], human["state"]) == ("human", "missed")
    assert (renewed["by"], renewed["state"]) == ("machine", "open")
    due_at, missed_at = (datetime.fromisoformat(one["due_at"]) for one in (renewed, human))
    assert (due_at - missed_at).total_seconds() >= 4 * 3600
    assert world.until(lambda: "it did not come" in world.page("en"))
    assert world.get("/notice/shop").status_code == 503

    world.start_database()
    world.until(lambda: world.open_incidents()[0]["status"] == "monitoring")
    assert len(world.letters_to(PAUL)) == 2
