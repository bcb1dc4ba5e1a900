"""What lies in a customer's mailbox, when the relay is the one that most of us run?

Debian's Postfix takes the letters and puts them into a Maildir; from there, and from nowhere
else, they are read, and each is held against the standards. Where the customer's provider has
an unsubscribe button, the provider presses it, over HTTPS with a certificate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.notifications.receiver import judged, new_key, pem
from tests.servers.https import certificate, trusting
from tests.servers.nginx import Nginx
from tests.servers.ports import free_port
from tests.servers.postfix import Postfix
from tests.servers.received import Received
from tests.stories import standards
from tests.stories.configuration import PAUL
from tests.stories.crowd import SHOP
from tests.stories.office import Office
from tests.stories.world import World

SITE = "https://status.acme.example"
MARTA = "marta+status@example.org"
LUCIA = "lucia@bücher.example"
LUCIA_ON_THE_WIRE = "lucia@xn--bcher-kva.example"
NICOLO = "nicolò@example.org"
GONE = "gone@example.org"
KEY = new_key()
IN_FRONT = """
    server {{
        listen 127.0.0.1:{port} ssl;
        server_name status.acme.example;
        ssl_certificate {pem};
        ssl_certificate_key {pem};
        location / {{ proxy_pass {avviso}; proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $remote_addr; }}
    }}
"""


def word(what: str, doing: str, che_cosa: str, facciamo: str) -> dict[str, Any]:
    italian = {"what_happened": che_cosa, "what_we_are_doing": facciamo}
    translations = {"translations": {"it": italian}}
    return {"what_happened": what, "what_we_are_doing": doing, **translations}


FIRST = word(
    "Our database has a full disk.",
    "We make room on it.",
    "Il nostro database ha un disco pieno.",
    "Stiamo facendo posto.",
) | {"components": ["shop"], "status": "identified"}
SECOND = word(
    "Half of it is free again.",
    "We go on with the rest.",
    "Metà del disco è già libera, e così c’è già più spazio di ieri: però non basta ancora.",
    "Continuiamo con il resto.",
)
LAST = word(
    "There is room again.",
    "We watch how fast it fills.",
    "C’è di nuovo spazio.",
    "Osserviamo quanto in fretta si riempie.",
) | {"status": "resolved"}


class Front(httpx.HTTPTransport):
    """The way to the company's nginx, for whoever knows its name only."""

    def __init__(self, nginx: Nginx, avviso: str) -> None:
        super().__init__(verify=trusting())
        self.port = free_port()
        file = nginx.folder / "status.pem"
        file.write_bytes(certificate("status.acme.example"))
        nginx.configure("", IN_FRONT.format(port=self.port, pem=file, avviso=avviso))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert request.url.scheme == "https"
        request.extensions = {**request.extensions, "sni_hostname": request.url.host}
        request.url = request.url.copy_with(host="127.0.0.1", port=self.port)
        return super().handle_request(request)


@pytest.fixture
def world(founded: Callable[..., World], sqlite_url: str, postfix: Postfix) -> World:
    """Letters go to Postfix, signed; only people speak: nothing is looked at."""
    made = founded(sqlite_url, "redis")
    made.postfix = postfix
    (made.avviso.folder / "dkim.pem").write_text(pem(KEY))
    dkim = {"domain": "acme.example", "selector": "avviso", "key": {"file": "dkim.pem"}}
    made.configure(
        {
            "site": {"url": SITE},
            "mail": {"dkim": dkim},
            "letters": {"undo": "1ms"},
        },
        components=SHOP,
    )
    return made


@pytest.fixture
def web(world: World) -> Iterator[httpx.Client]:
    """Whoever comes to the status page by its name."""
    world.begin()
    with httpx.Client(transport=Front(world.nginx, world.avviso.dsn), timeout=10) as client:
        yield client


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_what_lies_in_the_mailboxes_is_as_the_standards_want_it(
    world: World, web: httpx.Client, postfix: Postfix
) -> None:
    for asked, address in ((MARTA, MARTA), (LUCIA, LUCIA_ON_THE_WIRE), (NICOLO, NICOLO)):
        subscribes(world, web, asked, address)
    world.store.subscribe(PAUL, GONE)
    office = world.office("incidents")
    id = says(office, "/incidents", FIRST)
    arrives(world, 2, MARTA, LUCIA_ON_THE_WIRE, NICOLO)
    arrives(world, 1, PAUL)
    is_given_up_by_reason(world)

    says(office, f"/incidents/{id}/updates", SECOND)
    arrives(world, 3, MARTA, LUCIA_ON_THE_WIRE, NICOLO)
    presses_unsubscribe(web, world.letters_to(MARTA)[-1])
    says(office, f"/incidents/{id}/updates", LAST)
    arrives(world, 4, LUCIA_ON_THE_WIRE, NICOLO)
    arrives(world, 3, PAUL)
    world.until(lambda: not world.store.count("deliveries", "state = 'queued'"))
    world.until(lambda: postfix.is_idle)
    assert len(world.letters_to(MARTA)) == 3
    are_as_the_standards_want_them(world, postfix)


def subscribes(world: World, web: httpx.Client, asked: str, address: str) -> None:
    """By the form, and by the link in the letter to confirm."""
    form = {"address": asked, "language": "it"}
    assert web.post(f"{SITE}/subscribe", data=form).status_code == 200
    [letter] = world.until(lambda: world.letters_to(address))
    [link] = re.findall(r"https://\S+/confirm", letter.text)
    assert web.post(link, follow_redirects=True).status_code == 200


def arrives(world: World, count: int, *addresses: str) -> None:
    world.until(lambda: {len(world.letters_to(address)) for address in addresses} == {count})


def says(office: Office, path: str, word: dict[str, Any]) -> str:
    """The incident's id."""
    said = office.post(path, word)
    assert said.status_code == 201, said.text
    return str(said.json()["id"])


def is_given_up_by_reason(world: World) -> None:
    """Postfix knows no such mailbox, and says its address; the reason has none."""
    failed = "SELECT reason FROM deliveries WHERE state = 'failed'"
    [(reason,)] = world.until(lambda: world.store.rows(failed))
    assert "5.1.1" in reason
    assert "User unknown" in reason
    assert "gone" not in reason
    assert "example.org" not in reason
    assert GONE not in world.avviso.log()


def presses_unsubscribe(web: httpx.Client, letter: Received) -> None:
    """RFC 8058 3.2: the provider posts this one field, with no cookie, and follows nothing."""
    [url] = re.findall(r"<(https://[^>]+)>", letter.message["List-Unsubscribe"])
    web.cookies.clear()
    done = web.post(url, data={"List-Unsubscribe": "One-Click"})
    assert done.request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert done.request.content == b"List-Unsubscribe=One-Click"
    assert "Cookie" not in done.request.headers
    assert 200 <= done.status_code < 300


def are_as_the_standards_want_them(world: World, postfix: Postfix) -> None:
    for address in (MARTA, LUCIA_ON_THE_WIRE, NICOLO, PAUL):
        letters = world.letters_to(address)
        for letter in letters:
            standards.holds(letter, about_incident="/confirm" not in letter.text)
        is_one_thread([one for one in letters if one.message["References"]])
    assert all(judged([standards.carried(one) for one in postfix.letters], KEY))
    ids = [one.message["Message-ID"] for one in postfix.letters]
    assert len(set(ids)) == len(ids) >= 3 + 4 + 4 + 3


def is_one_thread(letters: list[Received]) -> None:
    """What a mail program shows as one conversation has one beginning."""
    assert len(letters) >= 2
    assert len({one.message["References"].split()[0] for one in letters}) == 1
