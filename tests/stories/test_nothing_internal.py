"""Does anything that the public can read tell what the company keeps to itself?

A component with `public = false`, a telling name and a real driver's message under it; then every
page that can be reached, every answer of the doors, and every letter is read.
"""

import re

import httpx
import pytest

from tests.stories.configuration import ANNA, PAUL
from tests.stories.world import World

NAME = "Zephyrus ledger"
OPENAPI = "/api/v1/openapi.json"
ROUTES = [
    *("/", "/en/", "/it/", "/history", "/how-we-do", "/maintenance.ics", "/history.atom"),
    *("/history.rss", "/notice/shop", "/notice/orders-db", "/gate/shop", "/gate/orders-db"),
    *("/badge/shop.svg", "/badge/shop.json", "/badge/orders-db.json", "/components/orders-db"),
    *("/components/shop", "/subscribe", "/healthz", "/readyz", "/nothing-here"),
    *(
        f"/api/v2/{name}.json"
        for name in ("summary", "status", "components", "incidents", "incidents/unresolved")
    ),
    *("/api/v1/components", "/api/v1/incidents", OPENAPI, "/api/v1/nothing"),
]
COUNTED = re.compile(r'"[Rr]efused"')
KINDS = ("text/html", "application/json", "text/plain")
LINK = re.compile(r"""(?:href|src|action)=["']([^"'#?]+)""")


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_no_page_and_no_letter_tells_what_is_internal(world: World) -> None:
    world.configure({"site": {"url": "https://status.acme.example"}}, public=False, name=NAME)
    world.begin()
    world.subscribe_both()
    world.stop_database()
    world.until_named("Shop")
    world.until(lambda: world.letters_to(ANNA) and world.letters_to(PAUL))
    read_everything(world)

    world.start_database()
    world.until(lambda: len(world.letters_to(ANNA)) == len(world.letters_to(PAUL)) == 2)
    read_everything(world)
    assert NAME in world.calls[0].text  # operators are told

    for letter in (*world.letters_to(ANNA), *world.letters_to(PAUL)):
        headers = "\n".join(f"{name}: {value}" for name, value in letter.message.items())
        for text in (letter.text, letter.html, headers):
            nothing_internal(world, text, f"a letter to {letter.recipient}")


def read_everything(world: World) -> None:
    """Every route that we know of, and every link on the way, as each kind of client."""
    ahead, seen = list(ROUTES), set[str]()
    ahead += [f"/incidents/{one['id']}" for one in world.incidents()]
    while ahead:
        path = ahead.pop()
        if path in seen:
            continue
        seen.add(path)
        for kind in KINDS:
            answer = world.get(path, headers={"Accept": kind})
            assert answer.status_code != 500
            # the operators' API counts letters by a name that drivers' messages have too
            shown = COUNTED.sub("", answer.text) if path == OPENAPI else answer.text
            nothing_internal(world, f"{shown}\n{_told(answer)}", path)
            ahead += [link for link in LINK.findall(answer.text) if link.startswith("/")]
    assert len(seen) > len(ROUTES)


def nothing_internal(world: World, text: str, where: str) -> None:
    said = text.lower()
    for secret in (
        *(NAME, "zephyrus", "orders-db", "127.0.0.1", "localhost", "web-1", "db-1"),
        *(str(world.database.port), str(world.nginx.port), str(world.shop.port)),
        *("avviso@", "postgresql", "psycopg", "select 1", "refused", '/health"', "traceback"),
        *(str(world.avviso.folder), "oncall@"),
    ):
        assert secret.lower() not in said, f"{secret!r} in {where}"


def _told(answer: httpx.Response) -> str:
    return "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
