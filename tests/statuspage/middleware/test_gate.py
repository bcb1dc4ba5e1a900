"""When is the application served, and what do visitors get in its place?

Each case through both middlewares, in front of an application that says "a shop", with a real
HTTP server where the gate should be.
"""

import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from statuspage.middleware import AsgiGate, WsgiGate, remembered
from statuspage.middleware.gate import LARGEST_NOTICE, MOST_WISHES, Gate
from tests.servers.ports import free_port
from tests.statuspage.middleware.gates import NOTICE, NOTICE_FIELDS, OPEN, StandIn, stand_in, until
from tests.statuspage.middleware.visitors import Ask, by_asgi, by_wsgi

SHOP = "a shop"
Front = Callable[..., Ask]


async def asgi_shop(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": SHOP.encode()})


def wsgi_shop(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [SHOP.encode()]


def asgi_front(gate: str, **words: Any) -> Ask:
    return by_asgi(AsgiGate(asgi_shop, gate=gate, **{"spare": [], **words}))


def wsgi_front(gate: str, **words: Any) -> Ask:
    return by_wsgi(WsgiGate(wsgi_shop, gate=gate, **{"spare": [], **words}))


@pytest.fixture(params=[asgi_front, wsgi_front], ids=["asgi", "wsgi"])
def front(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Front:
    """Visitors here wait longer: what is tested is the answer, and two cores have other work."""
    monkeypatch.setattr(remembered, "PATIENCE_S", 20.0)
    made: Front = request.param
    return made


@pytest.fixture
def gate() -> Iterator[StandIn]:
    with stand_in() as told:
        yield told


def test_while_the_gate_is_open_the_application_answers(front: Front, gate: StandIn) -> None:
    gate.gate = OPEN
    ask = front(gate.url)
    assert [ask().text for _ in range(5)] == [SHOP] * 5
    assert set(gate.paths()) == {"/gate/shop?deny=403"}


def test_while_it_is_shut_visitors_get_the_notice_as_it_is(front: Front, gate: StandIn) -> None:
    answer = front(gate.url)("/basket")
    assert (answer.status_code, answer.text) == (503, NOTICE)
    for name in ("Retry-After", "Cache-Control", "Content-Language", "Vary"):
        assert answer.headers[name] == NOTICE_FIELDS[name]
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    assert answer.headers["Content-Length"] == str(len(NOTICE))


def test_what_is_the_status_pages_own_stays_there(front: Front, gate: StandIn) -> None:
    headers = front(gate.url)().headers
    assert "set-cookie" not in headers
    assert "strict-transport-security" not in headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD"])
def test_every_method_gets_it_and_head_no_body(front: Front, gate: StandIn, method: str) -> None:
    answer = front(gate.url)("/basket", method)
    assert answer.status_code == 503
    assert answer.text == ("" if method == "HEAD" else NOTICE)
    assert answer.headers["Retry-After"] == "42"


def test_the_visitors_wishes_are_handed_on_and_remembered_apart(
    front: Front, gate: StandIn
) -> None:
    ask = front(gate.url)
    for language in ("it", "en", "it", "en"):
        ask(headers={"Accept-Language": language, "Accept": "text/html", "Cookie": "own"})
    notices = [fields for path, fields in gate.asked if path == "/notice/shop"]
    told = [{name.lower(): value for name, value in fields.items()} for fields in notices]
    assert [fields["accept-language"] for fields in told[:2]] == ["it", "en"]
    assert {fields["accept"] for fields in told} == {"text/html"}
    assert not any("cookie" in fields for fields in told)


@pytest.mark.parametrize(
    "answer",
    [
        (503, {}, b"an upstream is away"),
        (403, {}, b"<p>the firewall forbids it"),
        (404, {}, b"no such component"),
        (302, {"Location": "/login"}, b""),
        (200, {}, b""),
        (500, {}, b""),
    ],
    ids=lambda answer: str(answer[0]),
)
def test_whatever_is_no_gates_answer_leaves_it_open(
    front: Front, gate: StandIn, answer: tuple[int, dict[str, str], bytes]
) -> None:
    gate.gate = answer
    assert front(gate.url)().text == SHOP


def test_where_nobody_listens_it_is_open(front: Front) -> None:
    ask = front(f"http://127.0.0.1:{free_port()}/gate/shop")
    assert [ask().text for _ in range(3)] == [SHOP] * 3


def test_the_log_says_once_that_it_cannot_be_asked_and_once_that_it_can(
    gate: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    asked = Gate(gate.url, [], None)
    denied, gate.gate = gate.gate, (502, {}, b"")
    with caplog.at_level(logging.WARNING, "statuspage.middleware"):
        assert [asked._ask_gate() for _ in range(3)] == [None] * 3
        gate.gate = denied
        assert [asked._ask_gate() for _ in range(3)] == [True] * 3
    assert caplog.messages == [
        f"{gate.url} cannot be asked, and counts as open: it answers 502",
        f"{gate.url} can be asked again",
    ]


def test_nobody_waits_for_a_gate_that_hangs(
    front: Front, gate: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "PATIENCE_S", 0.05)
    gate.hold = threading.Event()
    ask = front(gate.url)
    assert ask().text == SHOP
    gate.hold.set()
    until(lambda: ask().status_code == 503)


def test_a_path_that_is_spared_is_the_applications(front: Front, gate: StandIn) -> None:
    ask = front(gate.url, spare=["/health", "/static/"])
    assert {ask(path).text for path in ("/health", "/health/db", "/static/a.css")} == {SHOP}
    assert {ask(path).status_code for path in ("/healthy", "/", "/a/health")} == {503}


def test_a_file_shuts_it_whatever_the_gate_says(
    front: Front, gate: StandIn, tmp_path: Path
) -> None:
    gate.gate = OPEN
    ask = front(gate.url, shut_while=tmp_path / "shop.shut")
    assert ask().text == SHOP
    (tmp_path / "shop.shut").touch()
    assert (ask().status_code, ask().text) == (503, NOTICE)
    (tmp_path / "shop.shut").unlink()
    assert ask().text == SHOP


@pytest.mark.parametrize(
    "notice",
    [
        (500, {}, b"broken"),
        (200, {}, b"fine"),
        (503, {}, b""),
        (503, {}, b"x" * (LARGEST_NOTICE + 1)),
    ],
    ids=["broken", "no-notice", "empty", "endless"],
)
def test_where_the_notice_does_not_come_a_plain_text_does(
    front: Front, gate: StandIn, notice: tuple[int, dict[str, str], bytes]
) -> None:
    gate.notice = notice
    answer = front(gate.url)()
    assert answer.status_code == 503
    assert "cannot be used at the moment" in answer.text
    assert "La preghiamo di riprovare" in answer.text
    assert answer.headers["Retry-After"] == "30"
    assert answer.headers["Cache-Control"] == "no-store"


def test_strangers_with_ever_new_wishes_are_not_all_remembered(gate: StandIn) -> None:
    app = WsgiGate(wsgi_shop, gate=gate.url, spare=[])
    for number in range(MOST_WISHES * 2):
        app._gate._notice({"accept-language": f"x-{number}"})
    assert len(app._gate._notices) == MOST_WISHES


@pytest.mark.parametrize(
    "url",
    [
        "status.acme.example/gate/shop",
        "https://status.acme.example/",
        "https://status.acme.example/gate/",
        "https://status.acme.example/gate/shop?deny=403",
        "/run/shop.gate",
    ],
)
def test_an_address_that_is_no_gates_is_refused_when_the_program_starts(url: str) -> None:
    with pytest.raises(ValueError, match="a gate is like"):
        AsgiGate(asgi_shop, gate=url, spare=[])


@pytest.mark.parametrize("spare", [["health"], ["/"], ""])
def test_a_path_that_spares_nothing_or_all_is_refused(spare: list[str] | str) -> None:
    with pytest.raises(ValueError, match="a path to spare"):
        WsgiGate(wsgi_shop, gate="https://status.acme.example/gate/shop", spare=spare)


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
async def test_what_is_no_request_is_passed_on(gate: StandIn, kind: str) -> None:
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    scope = {"type": kind, "path": "/live", "headers": []}

    async def nothing(*_: Any) -> Any:
        raise AssertionError("nobody else speaks")

    await AsgiGate(app, gate=gate.url, spare=[])(scope, nothing, nothing)
    assert seen == [kind]
    assert gate.asked == []


def test_it_imports_nothing_of_avviso_but_itself_and_nothing_but_httpx() -> None:
    code = (
        "import sys, httpx; before = set(sys.modules); import statuspage.middleware;"
        "print(*sorted(set(sys.modules) - before - {n for n in sys.modules"
        " if n.partition('.')[0] in sys.stdlib_module_names}))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "statuspage.middleware" in said
    assert [one for one in said if one != "statuspage" and "statuspage.middleware" not in one] == []
