"""Do FastAPI, Flask and Django, wrapped as the paper shows it, show the notice of a real Avviso?"""

import json
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.urls import path as django_path
from fastapi.responses import PlainTextResponse

from statuspage.middleware import AsgiGate
from tests.house.papers import blocks
from tests.house.sources import ROOT
from tests.servers import plain
from tests.statuspage.middleware.gates import until
from tests.statuspage.middleware.visitors import Ask, by_asgi, by_wsgi
from tests.stories.programs import Avviso

PAPER = ROOT / "docs" / "notice" / "applications.md"
WRITTEN = "https://status.acme.example/gate/shop"
CONFIGURATION = """
[site]
name = "Acme"
url = "https://status.acme.example"
languages = ["en", "it"]
[[components]]
id = "shop"
name = "Shop"
"""
SHOP = "a shop"


class Held:
    """A running Avviso, whose notice a real operator's token holds on and off."""

    def __init__(self, avviso: Avviso) -> None:
        self.avviso = avviso
        made = avviso.command_line("token", "create", "test", "--scope", "admin")
        assert made.returncode == 0, made.stderr
        self._bearer = {"Authorization": f"Bearer {made.stdout.split()[-1]}"}

    @property
    def gate(self) -> str:
        return f"{self.avviso.dsn}/gate/shop"

    def notice(self, how: str) -> None:
        until(lambda: plain.get(f"{self.avviso.dsn}/readyz").status_code == 200)
        answer = httpx.put(
            f"{self.avviso.dsn}/api/v1/components/shop/notice",
            json={"notice": how},
            headers=self._bearer,
            trust_env=False,
            verify=plain.TRUSTING_NOBODY,
            timeout=20,
        )
        assert answer.status_code == 200, answer.text
        shut = how == "on"
        until(lambda: (plain.get(f"{self.gate}?deny=403").status_code == 403) == shut)


@contextmanager
def running() -> Iterator[Held]:
    avviso = Avviso()
    avviso.configure(CONFIGURATION)
    with avviso:
        yield Held(avviso)


@pytest.fixture(scope="module")
def shared() -> Iterator[Held]:
    """Nobody ends it."""
    with running() as held:
        yield held


def written(block: int, gate: str) -> dict[str, Any]:
    """What stands in the paper, carried out with another gate."""
    names: dict[str, Any] = {"__name__": __name__}
    text = blocks(PAPER, "python")[block]
    assert text.count(WRITTEN) == 1
    exec(text.replace(WRITTEN, gate), names)  # noqa: S102 - that is what is tested
    return names


def fastapi(gate: str) -> Ask:
    app = written(0, gate)["app"]
    for path in ("/", "/health"):
        app.get(path, response_class=PlainTextResponse)(lambda: SHOP)
    return by_asgi(app)


def flask(gate: str) -> Ask:
    app = written(1, gate)["app"]
    app.add_url_rule("/", "shop", lambda: SHOP)
    app.add_url_rule("/health", "health", lambda: SHOP)
    return by_wsgi(app)


def django_wsgi(gate: str) -> Ask:
    return by_wsgi(written(2, gate)["application"])


def django_asgi(gate: str) -> Ask:
    return by_asgi(AsgiGate(get_asgi_application(), gate=gate, spare=["/health"]))


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Django project named `shop`, as far as a page needs one."""
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "shop.settings")
    urls: Any = types.ModuleType("shop.urls")
    urls.urlpatterns = [
        django_path("", lambda _: HttpResponse(SHOP)),
        django_path("health", lambda _: HttpResponse(SHOP)),
    ]
    told: Any = types.ModuleType("shop.settings")
    told.SECRET_KEY, told.ALLOWED_HOSTS, told.ROOT_URLCONF = "of a test", ["shop"], "shop.urls"
    told.LOGGING_CONFIG = None
    for name, module in (
        ("shop", types.ModuleType("shop")),
        ("shop.urls", urls),
        ("shop.settings", told),
    ):
        monkeypatch.setitem(sys.modules, name, module)


@pytest.mark.slow
@pytest.mark.parametrize("framework", [fastapi, flask, django_wsgi, django_asgi])
def test_the_notice_stands_in_place_of_the_application_and_goes(
    shared: Held, settings: None, framework: Callable[[str], Ask]
) -> None:
    shared.notice("auto")
    ask = framework(shared.gate)
    until(lambda: ask().text == SHOP)

    shared.notice("on")
    until(lambda: ask().status_code == 503)
    notice = until_worded(ask, "text/html", "it")
    assert notice.headers["Content-Language"] == "it"
    assert "default-src 'none'" in notice.headers["Content-Security-Policy"]
    assert 0 < int(notice.headers["Retry-After"]) <= 120
    assert notice.headers["Cache-Control"] == "no-store"
    told = json.loads(until_worded(ask, "application/json", "en").text)
    assert (told["status"], told["component"]) == (503, "shop")
    assert ask("/health").text == SHOP
    assert (ask(method="POST", content=b"an order").status_code) == 503
    head = ask(method="HEAD")
    assert (head.status_code, head.content) == (503, b"")

    shared.notice("auto")
    until(lambda: ask().text == SHOP)


def until_worded(ask: Ask, media_type: str, language: str) -> httpx.Response:
    """Avviso's own words; the first who asks for them on a busy machine may get the plain text."""
    wishes = {"Accept": media_type, "Accept-Language": language}
    found: list[httpx.Response] = []

    def worded() -> bool:
        found[:] = [ask(headers=wishes)]
        return not found[0].headers["Content-Type"].startswith("text/plain")

    until(worded)
    return found[0]


@pytest.mark.slow
def test_an_avviso_that_dies_with_its_gate_shut_leaves_the_application_open() -> None:
    with running() as held:
        ask = flask(held.gate)
        held.notice("on")
        until(lambda: ask().status_code == 503)
        held.avviso.die()
        until(lambda: ask().text == SHOP)
