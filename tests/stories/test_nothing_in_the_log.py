"""Can anybody be found in what Avviso and its mailer write down? No: no address, code or hook."""

import re
import time

import httpx
import pytest

from tests.servers.plain import TRUSTING_NOBODY
from tests.stories.configuration import ONCALL, PAUL
from tests.stories.world import World

MARTA, GONE = "marta@example.org", "gone@example.org"
BULK, OWNER = "bulk.one@example.org", "owner@example.org"
HOOK = "https://hooks.invalid/services/T0/sesame"


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_nobody_is_named_in_the_log(world: World) -> None:
    world.begin()
    office = world.office("subscribers", "incidents")
    for address in (GONE, ONCALL):
        world.mailbox.reply("RCPT", f"550 5.1.1 <{address}>: no such user", recipient=address)
    world.store.subscribe(PAUL, GONE)
    assert_taken(office.post("/subscribers", hook()))
    import_one(world, office.token)
    assert office.get(f"/subscribers?address={PAUL}")["total"] == 1

    send(world, "/subscribe", {"address": MARTA, "language": "en"})
    [letter] = world.until(lambda: world.letters_to(MARTA))
    confirm = re.findall(r"https?://\S+/confirm", letter.text)[0]
    assert (
        httpx.post(
            confirm, trust_env=False, verify=TRUSTING_NOBODY, follow_redirects=True
        ).status_code
        == 200
    )
    world.stop_database()
    [told] = world.until(lambda: world.letters_to(MARTA)[1:])
    world.until(lambda: world.store.count("deliveries", "state = 'failed'"))
    world.until(lambda: world.store.count("deliveries", "channel = 'webhook' AND attempts > 0"))
    world.until(lambda: world.store.count("calls", "state = 'failed'"))
    stop = str(told.message["List-Unsubscribe"]).strip("<>")
    manage = stop.replace("/unsubscribe/", "/subscriptions/")
    assert httpx.get(manage, trust_env=False, verify=TRUSTING_NOBODY).status_code == 200
    one_click = {"List-Unsubscribe": "One-Click"}
    assert (
        httpx.post(stop, data=one_click, trust_env=False, verify=TRUSTING_NOBODY).status_code == 200
    )
    # a mistake of ours, whose words would name her
    world.store.change("UPDATE subscribers SET created_at = address WHERE address LIKE 'marta%'")
    assert httpx.get(manage, trust_env=False, verify=TRUSTING_NOBODY).status_code == 500
    world.until(lambda: "ValueError" in world.avviso.log())

    time.sleep(0.2)  # whoever is in the middle of a line
    written = world.avviso.log()
    assert "is given up" in written, "the mistakes were provoked"
    codes = world.store.rows("SELECT code FROM subscribers UNION SELECT secret FROM subscribers")
    people = [MARTA, GONE, BULK, OWNER, PAUL, ONCALL, "hooks.invalid/", "sesame", office.token]
    secret = [*people, *(code for (code,) in codes if code), confirm.split("/")[-2]]
    assert [one for one in secret if one in written or one.replace("@", "%40") in written] == []


def test_the_list_of_what_is_secret_would_find_it(world: World) -> None:
    """What is read above is the whole output, the mailer's included."""
    world.begin()
    world.store.subscribe(PAUL)
    world.stop_database()
    world.until(lambda: world.letters_to(PAUL))
    assert "Ready: " in world.avviso.log()


def hook() -> dict[str, str]:
    return {"channel": "webhook", "address": HOOK, "owner": OWNER}


def assert_taken(answer: httpx.Response) -> None:
    assert answer.status_code == 201, answer.text


def import_one(world: World, token: str) -> None:
    done = httpx.post(
        f"{world.avviso.dsn}/api/v1/subscribers/import?source=shop",
        content=f"address\n{BULK}\nnot-an-address@\n",
        headers={"Authorization": f"Bearer {token}", "Content-Type": "text/csv"},
        trust_env=False,
        verify=TRUSTING_NOBODY,
    )
    assert done.status_code == 200, done.text


def send(world: World, path: str, form: dict[str, str]) -> None:
    sent = httpx.post(
        world.avviso.dsn + path, data=form, trust_env=False, verify=TRUSTING_NOBODY, timeout=10
    )
    assert sent.status_code == 200
