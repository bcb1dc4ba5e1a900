"""A visitor gets the right bytes, whoever asks and however; a gate is shut or open."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import brotli  # type: ignore[import-untyped]
import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from statuspage.answers import Policy
from statuspage.memory import Memory, Page
from statuspage.metrics import Metrics, new_metrics
from statuspage.visitors import Visitors
from tests.servers.plain import TRUSTING_NOBODY
from tests.statuspage.serving import exchange, served

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
SECURITY = {
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "strict-transport-security",
}


def html(path: str, language: str | None, text: str, **more: object) -> Page:
    body = f"<p>{text}</p>".encode() * 50
    return Page(path, "text/html", body, language, **more)  # type: ignore[arg-type]


def notice(component: str, until: datetime | None = None) -> list[Page]:
    kinds = {"text/html": "<p>html", "application/problem+json": '{"a":"', "text/plain": "text "}
    return [
        Page(
            path=f"/notice/{component}",
            media_type=kind,
            body=(start + language).encode(),
            language=language,
            status=503,
            max_age=None,
            retry_until=until,
        )
        for language in ("en", "it")
        for kind, start in kinds.items()
    ]


PAGES = [
    html("/", "en", "All is well"),
    html("/", "it", "Tutto bene"),
    html("/en/", "en", "All is well"),
    html("/it/", "it", "Tutto bene"),
    html("/subscribe", "en", "a form"),
    Page("/history.atom", "application/atom+xml", b"<feed/>", max_age=60),
    Page(
        "/api/v2/status.json",
        "application/json",
        b"{}",
        headers=(("Access-Control-Allow-Origin", "*"),),
    ),
    *notice("shop", NOW + timedelta(seconds=77)),
    *notice("mail"),
    *notice("private"),
]


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Stands for FastAPI: says that it was asked."""
    if scope["type"] == "lifespan":
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})
        return
    headers = [(b"X-Application", b"yes"), (b"Referrer-Policy", b"no-referrer")]
    status = 404 if "unknown" in scope["path"] else 299
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"application"})


@dataclass
class Answered:
    status: int
    fields: list[tuple[bytes, bytes]]
    body: bytes
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = {name.decode().lower(): value.decode() for name, value in self.fields}
        assert len(self.headers) == len(self.fields), "a header was sent twice"

    @property
    def by_application(self) -> bool:
        return "x-application" in self.headers


class World:
    """A process that shows some pages."""

    def __init__(self) -> None:
        self.memory, self.metrics, self.now = Memory(), new_metrics(), NOW
        self.visitors = self.door("https://status.acme.example")

    def door(self, url: str) -> Visitors:
        policy = Policy(site_url=url, page_csp="page", notice_csp="notice")
        return Visitors(
            self.memory,
            application,
            clock=lambda: self.now,
            policy=policy,
            metrics=self.metrics,
        )

    async def show(self, *pages: Page) -> None:
        await self.memory.replace(
            pages, gates=frozenset({"shop", "mail"}), shut_gates=frozenset({"shop"}), revision=1
        )

    async def ask(
        self, path: str, method: str = "GET", query: bytes = b"", /, **headers: str | bytes
    ) -> Answered:
        encoded = [
            (name.replace("_", "-").encode(), value if isinstance(value, bytes) else value.encode())
            for name, value in headers.items()
        ]
        scope = {"type": "http", "path": path, "method": method, "query_string": query}
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        await self.visitors({**scope, "headers": encoded}, receive, send)
        start, body = sent
        return Answered(start["status"], list(start["headers"]), body["body"])


@pytest.fixture
async def world() -> World:
    world = World()
    await world.show(*PAGES)
    return world


async def test_the_page_in_the_reader_s_language(world: World) -> None:
    for asked, language, word in [
        ("it-IT,it;q=0.9,en;q=0.8", "it", b"Tutto bene"),
        ("de", "en", b"All is well"),
        ("", "en", b"All is well"),
    ]:
        answer = await world.ask("/", accept_language=asked, accept=BROWSER)
        assert (answer.status, answer.headers["content-language"]) == (200, language)
        assert word in answer.body
        assert answer.headers["vary"] == "Accept-Encoding, Accept-Language"
        assert answer.headers["content-type"] == "text/html; charset=utf-8"


async def test_an_address_with_a_language_has_that_language(world: World) -> None:
    answer = await world.ask("/it/", accept_language="en")
    assert b"Tutto bene" in answer.body
    assert answer.headers["vary"] == "Accept-Encoding"


async def test_compressed_as_the_client_likes_it_with_a_tag_of_its_own(world: World) -> None:
    plain = await world.ask("/en/")
    zipped = await world.ask("/en/", accept_encoding="gzip")
    brown = await world.ask("/en/", accept_encoding="gzip, deflate, br")
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(zipped.body) == brotli.decompress(brown.body) == plain.body
    assert (zipped.headers["content-encoding"], brown.headers["content-encoding"]) == ("gzip", "br")
    assert len({one.headers["etag"] for one in (plain, zipped, brown)}) == 3
    for one in (plain, zipped, brown):
        assert one.headers["content-length"] == str(len(one.body))


async def test_a_client_that_refuses_plain_bytes_gets_none(world: World) -> None:
    answer = await world.ask("/api/v2/status.json", accept_encoding="gzip, identity;q=0")
    assert gzip.decompress(answer.body) == b"{}"


async def test_caches_may_keep_a_page_for_a_moment_and_show_it_when_we_are_gone(
    world: World,
) -> None:
    page, feed = await world.ask("/"), await world.ask("/history.atom")
    after = "stale-while-revalidate=30, stale-if-error=86400"
    assert page.headers["cache-control"] == f"public, max-age=5, {after}"
    assert feed.headers["cache-control"] == f"public, max-age=60, {after}"


async def test_who_has_the_page_already_is_told_so(world: World) -> None:
    page = await world.ask("/", accept_language="it", accept_encoding="br")
    tag = page.headers["etag"]
    known = [tag, f"W/{tag}", f'"other", {tag}', f'W/"x",W/{tag} , "y"', "*"]
    for asked in known:
        answer = await world.ask(
            "/", accept_language="it", accept_encoding="br", if_none_match=asked
        )
        assert (answer.status, answer.body) == (304, b"")
        for validator in ("etag", "cache-control", "vary"):
            assert answer.headers[validator] == page.headers[validator]
        assert not {"content-length", "content-encoding", "content-type"} & set(answer.headers)


@pytest.mark.parametrize("asked", ['"other"', "", '"', "W/", "garbage", '""', b"\xff\x00", "**"])
async def test_who_has_another_page_gets_this_one(world: World, asked: str | bytes) -> None:
    assert (await world.ask("/", if_none_match=asked)).status == 200


async def test_another_coding_is_another_page(world: World) -> None:
    plain = await world.ask("/en/")
    answer = await world.ask("/en/", accept_encoding="gzip", if_none_match=plain.headers["etag"])
    assert answer.status == 200


async def test_a_changed_page_is_shown_at_once(world: World) -> None:
    before = await world.ask("/en/")
    await world.show(html("/en/", "en", "The shop is down"))
    after = await world.ask("/en/", if_none_match=before.headers["etag"])
    assert (after.status, b"The shop is down" in after.body) == (200, True)
    assert (await world.ask("/it/")).by_application


async def test_a_head_is_the_same_without_the_bytes(world: World) -> None:
    for path in ("/", "/api/v2/status.json", "/notice/shop", "/gate/shop", "/gate/no", "/healthz"):
        whole, head = await world.ask(path), await world.ask(path, "HEAD")
        assert (head.status, head.headers, head.body) == (whole.status, whole.headers, b"")
        assert whole.body


async def test_a_range_is_not_served(world: World) -> None:
    assert (await world.ask("/", range="bytes=0-3")).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"])
async def test_a_page_can_only_be_read(world: World, method: str) -> None:
    answer = await world.ask("/", method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert json.loads(answer.body)["status"] == 405
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_form_is_read_from_memory_and_sent_to_the_application(world: World) -> None:
    assert b"a form" in (await world.ask("/subscribe")).body
    assert (await world.ask("/subscribe", "POST")).by_application


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/incidents"),
        ("POST", "/unsubscribe/x"),
        ("GET", "/readyz"),
        ("GET", "*"),
        ("GET", "/../etc/passwd"),
        ("GET", "/\x00\ufffd\n"),
        ("GET", "/" + "a" * 30_000),
        ("GET", "/gate"),
        ("OPTIONS", "/api/v1/incidents"),
    ],
)
async def test_everything_else_is_the_application_s(world: World, method: str, path: str) -> None:
    assert (await world.ask(path, method)).by_application


async def test_a_slash_too_many_or_too_few_finds_its_page(world: World) -> None:
    for asked, page in [("/it", "/it/"), ("/subscribe/", "/subscribe"), ("//", "/")]:
        answer = await world.ask(asked)
        assert (answer.status, answer.headers["location"]) == (308, page)


async def test_any_site_may_read_the_public_api(world: World) -> None:
    answer = await world.ask("/api/v2/status.json", origin="https://other.example")
    assert answer.headers["access-control-allow-origin"] == "*"
    for path in ("/api/v2/status.json", "/api/v2/incidents/unknown.json"):
        preflight = await world.ask(
            path,
            "OPTIONS",
            origin="https://other.example",
            access_control_request_method="GET",
            access_control_request_headers="x-anything",
        )
        assert (preflight.status, preflight.body) == (204, b"")
        assert preflight.headers["access-control-allow-origin"] == "*"
        assert "GET" in preflight.headers["access-control-allow-methods"]
        assert preflight.headers["access-control-allow-headers"] == "*"


async def test_other_pages_are_not_for_other_sites(world: World) -> None:
    answer = await world.ask("/", "OPTIONS", origin="https://other.example")
    assert answer.status == 204
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"])
@pytest.mark.parametrize("path", ["/notice/shop", "/gate/shop"])
async def test_the_notice_stands_for_every_method(world: World, method: str, path: str) -> None:
    answer = await world.ask(path, method, accept=BROWSER, accept_language="it")
    assert (answer.status, answer.body) == (503, b"<p>htmlit")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["retry-after"] == "77"
    assert answer.headers["vary"] == "Accept-Encoding, Accept-Language, Accept"
    assert answer.headers["content-language"] == "it"


@pytest.mark.parametrize(
    ("accept", "media_type", "body"),
    [
        ("*/*", "text/html; charset=utf-8", b"<p>htmlen"),
        (BROWSER, "text/html; charset=utf-8", b"<p>htmlen"),
        ("application/json", "application/problem+json", b'{"a":"en'),
        ("application/json, text/plain, */*", "application/problem+json", b'{"a":"en'),
        ("text/plain", "text/plain; charset=utf-8", b"text en"),
        ("image/avif,image/webp", "text/html; charset=utf-8", b"<p>htmlen"),
    ],
)
async def test_the_notice_in_the_type_that_the_client_reads(
    world: World, accept: str, media_type: str, body: bytes
) -> None:
    for path in ("/notice/shop", "/gate/shop"):
        answer = await world.ask(path, accept=accept)
        assert (answer.headers["content-type"], answer.body) == (media_type, body)


async def test_a_notice_is_never_not_modified(world: World) -> None:
    answer = await world.ask("/notice/shop", if_none_match="*")
    assert answer.status == 503
    assert "etag" not in answer.headers


@pytest.mark.parametrize(
    ("after_s", "told"),
    [(0, 77), (76.2, 1), (-30, 107), (-44, 120), (-9999, 120), (77, 30), (500, 30)],
)
async def test_ask_again_when_there_will_be_news(world: World, after_s: float, told: int) -> None:
    world.now = NOW + timedelta(seconds=after_s)
    assert (await world.ask("/notice/shop")).headers["retry-after"] == str(told)


async def test_ask_again_in_half_a_minute_where_nothing_is_promised(world: World) -> None:
    assert (await world.ask("/notice/mail")).headers["retry-after"] == "30"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_an_open_gate_lets_through(world: World, method: str) -> None:
    for query in (b"", b"deny=403"):
        answer = await world.ask("/gate/mail", method, query, if_none_match="*")
        assert (answer.status, answer.body) == (204, b"")
        assert answer.headers["cache-control"] == "no-store"
        assert "content-length" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
async def test_a_shut_gate_says_403_to_a_proxy_that_knows_nothing_else(
    world: World, method: str
) -> None:
    answer = await world.ask("/gate/shop", method, b"x=1&deny=403")
    assert (answer.status, answer.body) == (403, b"")
    assert answer.headers["cache-control"] == "no-store"
    assert (await world.ask("/gate/shop", method, b"deny=404")).status == 503


@pytest.mark.parametrize(
    "component", ["private", "unknown", "", "shop/", "../shop", "SHOP", "\x00"]
)
@pytest.mark.parametrize("room", ["gate", "notice"])
async def test_a_private_component_is_as_unknown_as_one_that_is_not_there(
    world: World, room: str, component: str
) -> None:
    answer = await world.ask(f"/{room}/{component}", accept="text/html")
    reference = await world.ask(f"/{room}/never-heard-of")
    assert answer.status == 404
    assert (answer.body, answer.headers) == (reference.body, reference.headers)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_before_the_first_page_none_is_said_not_to_be(method: str) -> None:
    world = World()
    early = await world.ask("/unknown", method)
    assert early.status == 503
    assert int(early.headers["retry-after"]) > 0
    assert early.headers["cache-control"] == "no-store"
    assert bool(early.body) == (method == "GET")
    assert not early.by_application
    assert (await world.ask("/readyz")).status == 299
    own = (("/api/v1/unknown", method), ("/subscriptions/unknown", method), ("/unknown", "POST"))
    for path, how in own:
        assert (await world.ask(path, how)).status == 404
    await world.show(*PAGES)
    assert (await world.ask("/unknown", method)).status == 404


async def test_before_the_first_page_gates_are_open_and_a_notice_is_still_a_503() -> None:
    world = World()
    assert (await world.ask("/gate/shop")).status == 204
    answer = await world.ask("/notice/shop")
    assert (answer.status, answer.headers["retry-after"]) == (503, "30")
    assert answer.headers["cache-control"] == "no-store"
    assert (await world.ask("/")).by_application


async def test_a_gate_is_shut_though_its_notice_is_not_yet_written(world: World) -> None:
    await world.show(html("/", "en", "page"))
    assert (await world.ask("/gate/shop")).status == 503


@pytest.mark.parametrize(
    "path", ["/", "/gate/mail", "/gate/no", "/notice/shop", "/healthz", "/it", "/api/v1/x"]
)
async def test_security_headers_stand_everywhere(world: World, path: str) -> None:
    for method in ("GET", "POST"):
        assert set((await world.ask(path, method)).headers) >= SECURITY


async def test_each_kind_of_page_has_its_own_content_policy(world: World) -> None:
    async def policy(path: str, **wishes: str) -> str:
        return (await world.ask(path, **wishes)).headers["content-security-policy"]

    assert await policy("/") == "page"
    assert await policy("/notice/shop") == "notice"
    assert (await policy("/notice/shop", accept="application/json")).startswith(
        "default-src 'none'"
    )
    assert (await policy("/history.atom")).startswith("default-src 'none'")


async def test_what_the_application_says_about_security_stands(world: World) -> None:
    assert (await world.ask("/api/v1/x")).headers["referrer-policy"] == "no-referrer"


async def test_only_a_site_with_tls_demands_tls(world: World) -> None:
    world.visitors = world.door("http://127.0.0.1:8000")
    assert "strict-transport-security" not in (await world.ask("/")).headers


async def test_a_page_s_own_header_wins(world: World) -> None:
    badge = Page("/b.svg", "image/svg+xml", b"<svg/>", headers=(("Cache-Control", "max-age=1"),))
    await world.show(badge)
    assert (await world.ask("/b.svg")).headers["cache-control"] == "max-age=1"


async def test_alive(world: World) -> None:
    answer = await world.ask("/healthz")
    assert (answer.status, json.loads(answer.body)) == (200, {"status": "ok"})
    assert (await world.ask("/healthz", "POST")).status == 405


@pytest.mark.parametrize(
    "header", ["accept", "accept_language", "accept_encoding", "if_none_match"]
)
@pytest.mark.parametrize(
    "value", [b"\xff\xfe\x00", b",;=;q=,", b"a;q=" + b"9" * 5000, b"," * 32_000]
)
async def test_absurd_headers_get_a_proper_answer(world: World, header: str, value: bytes) -> None:
    assert (await world.ask("/", **{header: value})).status == 200
    assert (await world.ask("/gate/shop", **{header: value})).status == 503


async def test_strangers_cannot_fill_our_memory(world: World) -> None:
    for n in range(1000):
        await world.ask("/", accept_language=f"x-{n}" + "y" * (n % 2 * 1000))
    kept = world.visitors.ready._choices["/"]._made
    assert len(kept) <= 256
    assert max(sum(map(len, wishes)) for wishes in kept) <= 400


async def test_answers_are_counted(world: World) -> None:
    tag = (await world.ask("/")).headers["etag"]
    await world.ask("/", if_none_match=tag)
    await world.ask("/notice/shop")
    await world.ask("/api/v1/x")
    assert [counted(world.metrics, status) for status in ("2xx", "3xx", "5xx")] == [1, 1, 1]


def counted(metrics: Metrics, status: str) -> float | None:
    return metrics.registry.get_sample_value("avviso_page_requests_total", {"status": status})


async def test_a_websocket_is_the_application_s(world: World) -> None:
    asked: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(scope["type"])

    world.visitors._app = app

    async def nothing(*_: object) -> Message:
        return {}

    await world.visitors({"type": "websocket", "path": "/"}, nothing, nothing)  # type: ignore[arg-type]
    assert asked == ["websocket"]


@pytest.fixture
async def url(world: World) -> AsyncIterator[str]:
    async with served(world.visitors) as serving:
        yield serving.url


async def test_the_same_through_a_real_server(url: str) -> None:
    async with httpx.AsyncClient(base_url=url, trust_env=False, verify=TRUSTING_NOBODY) as client:
        page = await client.get("/", headers={"Accept-Language": "it"})
        assert (page.status_code, "Tutto bene" in page.text) == (200, True)
        assert page.headers["content-encoding"] in {"gzip", "br", "zstd"}
        same = await client.get(
            "/", headers={"Accept-Language": "it", "If-None-Match": page.headers["etag"]}
        )
        assert (same.status_code, same.content) == (304, b"")
        head = await client.head("/", headers={"Accept-Language": "it"})
        assert (head.headers["content-length"], head.content) == (
            page.headers["content-length"],
            b"",
        )
        stopped = await client.post("/notice/shop", content=b"x" * 300_000)
        assert (stopped.status_code, stopped.headers["retry-after"]) == (503, "77")
        assert (await client.get("/gate/mail")).status_code == 204
        assert (await client.get("/gate/shop?deny=403")).status_code == 403
        assert (await client.options("/api/v2/status.json")).status_code == 204
        assert (await client.get("/%69t/")).headers["content-language"] == "it"
        assert (await client.get("/api/v1/x")).text == "application"
        for path in ("/%00", "/%ff%fe", "/gate/%2e%2e%2fshop", "/notice/%0d%0aX:1"):
            answer = await client.get(path)
            assert answer.status_code in {299, 404}
            assert "x" not in answer.headers


@pytest.mark.parametrize(
    "target", [b"/\xff", b"http://other.example/", b"*", b"//other.example/", b"/?\x01", b"/#x"]
)
async def test_absurd_targets_get_a_proper_answer(world: World, target: bytes) -> None:
    async with served(world.visitors) as serving:
        request = b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        answer = await exchange(serving.port, request)
        assert answer.startswith((b"HTTP/1.1 2", b"HTTP/1.1 400 "))
        assert b"Traceback" not in answer
