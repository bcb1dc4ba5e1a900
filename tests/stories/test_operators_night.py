"""How does a night go for the operator who is called?

Paged, acknowledged by the line in the message; first words; a wrong word taken back; a fan-out
stopped; recovery noted, the end said by hand.
"""

import time

import pytest

from tests.stories.configuration import ANNA, PAUL
from tests.stories.office import Office
from tests.stories.world import World

FAN = 120
FIRST = {
    "components": ["shop"],
    "status": "identified",
    "what_happened": "A disk of our database is full.",
    "what_we_are_doing": "We are moving old data away.",
    "translations": {
        "it": {
            "what_happened": "Un disco del nostro database è pieno.",
            "what_we_are_doing": "Stiamo spostando i dati vecchi.",
        }
    },
}
WRONG = {"what_happened": "Nothing is wrong, we think.", "what_we_are_doing": "We go to sleep."}
SECOND = {"what_happened": "Half of it is moved.", "what_we_are_doing": "We move the rest."}


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_an_operators_night(world: World) -> None:
    # only people speak tonight, and the relay takes its time
    world.configure({"letters": {"first_after": "1h"}, "mail": {"max_per_second": 20}})
    world.begin()
    world.subscribe_both()
    office = world.office("incidents")
    world.stop_database()
    id = world.until_named("Orders database", "Shop")["id"]

    paged_and_acknowledged(world, office, id)
    first_words(world, office, id)
    a_wrong_word_taken_back(world, office, id)
    world.store.subscribe(*(f"customer{n}@example.org" for n in range(FAN)))
    a_fan_out_stopped(world, office, id)
    well_again_and_ended_by_hand(world, office, id)
    assert [one["id"] for one in world.incidents()] == [id]


def paged_and_acknowledged(world: World, office: Office, id: str) -> None:
    call = world.until(lambda: world.hook.of("opened"))[0]
    assert "our team" in world.page()
    assert "on it" not in world.page()
    office.shell(call.command("on it")["avviso"])
    assert office.incident(id)["acknowledged_at"]
    world.until(lambda: "Somebody of our team is on it" in world.page())


def first_words(world: World, office: Office, id: str) -> None:
    said = office.post("/incidents", FIRST)
    assert said.status_code == 200, said.text
    assert said.json()["continued"] is True
    assert said.json()["id"] == id
    assert "A disk of our database is full." in world.page("en")
    assert "Un disco del nostro database è pieno." in world.page("it")
    assert not world.letters_to(PAUL)  # it may still be taken back
    world.until(lambda: world.letters_to(PAUL) and world.letters_to(ANNA))
    assert "A disk of our database is full." in world.letters_to(PAUL)[0].text
    assert "Un disco del nostro database è pieno." in world.letters_to(ANNA)[0].text


def a_wrong_word_taken_back(world: World, office: Office, id: str) -> None:
    said = office.post(f"/incidents/{id}/updates", WRONG)
    assert said.status_code == 201, said.text
    n = max(update["n"] for update in said.json()["updates"])
    taken = office.delete(f"/incidents/{id}/updates/{n}", {"reason": "it was wrong"})
    assert taken.status_code == 200, taken.text
    assert "we think" not in world.page()
    assert "A disk of our database is full." in world.page()
    world.stays(lambda: len(world.letters_to(PAUL)) == 1, 3)  # longer than undo


def a_fan_out_stopped(world: World, office: Office, id: str) -> None:
    before = len(world.mailbox.letters)
    assert office.post(f"/incidents/{id}/updates", SECOND).status_code == 201
    world.until(lambda: len(world.mailbox.letters) >= before + 10)
    asked = time.monotonic()
    stopped = office.post(f"/incidents/{id}/letters/stop")
    assert stopped.status_code == 200, stopped.text
    world.stays(lambda: True, 1.5)
    late = [one for one in world.mailbox.letters if one.at > asked + 1]
    assert late == []
    sent = len(world.mailbox.letters) - before
    assert 10 <= sent < FAN
    assert stopped.json()["withdrawn"] >= FAN + 2 - sent


def well_again_and_ended_by_hand(world: World, office: Office, id: str) -> None:
    told = {one.recipient for one in world.mailbox.letters}
    world.start_database()
    call = world.until(lambda: world.hook.of("recovered"))[0]
    world.until(lambda: world.open_incidents()[0]["status"] == "monitoring")
    world.stays(lambda: bool(world.open_incidents()), 2)  # the last word is a person's
    office.shell(call.command("end it")["curl"])
    world.until(lambda: not world.open_incidents())
    assert office.incident(id)["status"] == "resolved"
    world.until(lambda: "It works again." in world.letters_to(PAUL)[-1].text)
    untold = {f"customer{n}@example.org" for n in range(FAN)} - told
    assert untold
    world.until(lambda: not world.store.count("deliveries", "state = 'queued'"))
    assert not [one for one in world.mailbox.letters if one.recipient in untold]
