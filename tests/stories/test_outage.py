"""What happens, for whom and in what order, when a tier goes down and comes back?"""

from collections.abc import Callable

import pytest

from tests.servers.received import Received
from tests.stories.configuration import ANNA, PAUL, STILL_WORKS, WHEN_DOWN
from tests.stories.world import World

Founded = Callable[..., World]
LATE = "late@example.org"
HEADINGS = {
    "en": ("What happened", "What we are doing", "How we will prevent a repeat"),
    "it": ("Che cosa è successo", "Che cosa stiamo facendo", "Come eviteremo che si ripeta"),
}
HTML = {"Accept": "text/html", "Accept-Language": "it"}


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("tier", "store"),
    [
        ("postgresql", "sqlite"),
        ("postgresql", "postgresql"),
        ("mariadb", "postgresql"),
        ("redis", "sqlite"),
    ],
)
def test_a_dead_database_is_told_to_everybody_and_over_again(
    founded: Founded, request: pytest.FixtureRequest, tier: str, store: str
) -> None:
    world = founded(request.getfixturevalue(f"{store}_url"), tier)
    world.configure()
    world.begin()
    world.subscribe_both()
    assert world.gate() == 204
    assert world.buy().text == "Welcome to the shop."

    world.stop_database()
    incident = world.until_named("Orders database", "Shop")
    assert incident["impact"] == "critical"
    assert world.status("shop") == world.status("orders") == "major_outage"
    the_page_says_it_in_both_languages(world)
    customers_are_shown_the_notice(world)
    letters = letters_in_both_languages(world)
    operators_were_called_before(world, letters)

    world.store.subscribe(LATE)  # who was told nothing of it
    world.start_database()
    world.until(lambda: world.open_incidents()[0]["status"] == "monitoring")
    world.until(lambda: world.gate() == 204)
    world.until(lambda: not world.open_incidents())
    world.until(lambda: len(world.letters_to(ANNA)) == len(world.letters_to(PAUL)) == 2)

    [over] = world.incidents()
    assert (over["id"], over["status"]) == (incident["id"], "resolved")
    assert world.buy().text == "Welcome to the shop."
    it_is_over(world)


def the_page_says_it_in_both_languages(world: World) -> None:
    for language in ("en", "it"):
        said = world.page(language)
        assert WHEN_DOWN[language] in said
    assert STILL_WORKS["it"] in world.page("it")
    assert "The cause lies in Orders database. It affects Shop." in world.page("en")


def customers_are_shown_the_notice(world: World) -> None:
    assert world.gate() == 503
    assert world.gate("?deny=403") == 403
    notice = world.get("/notice/shop", headers=HTML)
    assert notice.status_code == 503
    assert 1 <= int(notice.headers["Retry-After"]) <= 120
    assert notice.headers["Cache-Control"] == "no-store"
    assert WHEN_DOWN["it"] in notice.text
    at_the_shop = world.buy()
    assert at_the_shop.status_code == 503
    assert "Retry-After" in at_the_shop.headers


def letters_in_both_languages(world: World) -> dict[str, Received]:
    world.until(lambda: world.letters_to(ANNA) and world.letters_to(PAUL))
    letters = {"it": world.letters_to(ANNA)[0], "en": world.letters_to(PAUL)[0]}
    for language, letter in letters.items():
        said = " ".join(letter.text.split())
        places = [said.index(heading) for heading in HEADINGS[language]]
        assert places == sorted(places)
        assert WHEN_DOWN[language].lower() in said.lower(), letter.text
        assert "127.0.0.1" not in said.replace(world.avviso.dsn, "")
    return letters


def operators_were_called_before(world: World, letters: dict[str, Received]) -> None:
    [by_mail], [by_hook] = world.calls, world.hook.of("opened")
    first = min(letter.at for letter in letters.values())
    assert by_mail.at < first
    assert by_hook.at < first
    assert "Orders database is down" in by_mail.subject


def it_is_over(world: World) -> None:
    for language, address in (("it", ANNA), ("en", PAUL)):
        first, last = world.letters_to(address)
        assert first.message["References"] == last.message["References"]  # one thread
        assert WHEN_DOWN[language] not in last.subject
    assert not world.letters_to(LATE)
    assert len(world.hook.of("opened")) == len(world.hook.of("recovered")) == 1
