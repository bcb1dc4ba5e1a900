"""What does the banner say on somebody else's page, and what does it cost there?"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import brotli  # type: ignore[import-untyped]
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, FrameLocator, Page, expect
from starlette.responses import HTMLResponse
from starlette.types import Receive, Scope, Send

from statuspage.answers import Policy, page_answer
from statuspage.memory import prepare
from statuspage.pages import render
from statuspage.pages.sheets import BANNER, BANNER_HASH
from statuspage.rules.board import Board
from tests.statuspage.pages.boards import (
    BLIND,
    CALM,
    CODES,
    EVERY,
    MAINTAINED,
    MENDED,
    OUTAGE,
    SITE,
    STARTING,
    WILD,
)
from tests.statuspage.pages.document import read
from tests.statuspage.pages.showing import document, page
from tests.statuspage.pages.visiting import Site, visitor
from tests.statuspage.serving import served

DOWN = "Out of service. You cannot place orders at the moment."


def asked(board: Board, language: str = "en") -> dict[str, str | None]:
    found = page(board, "/banner.json", language, "application/json")
    answer: dict[str, str | None] = json.loads(found.body)
    return answer


def policy_of(path: str) -> str:
    policy = Policy(site_url=SITE.url)
    answer = page_answer(prepare(page(OUTAGE, path)), "identity", [], policy)
    return dict(answer.head.headers)[b"content-security-policy"].decode()


@pytest.mark.parametrize("board", [CALM, BLIND, STARTING, MENDED])
def test_there_is_nothing_to_say_while_all_is_well_or_nothing_is_known(board: Board) -> None:
    assert asked(board)["sentence"] is None
    body = document(board, "/banner").one("body")
    assert (body.text, body.all("p")) == ("", [])


@pytest.mark.parametrize(
    ("board", "says"),
    [
        (OUTAGE, DOWN),
        (MAINTAINED, "Under maintenance. Shop: under maintenance."),
        (
            replace(OUTAGE, blind=True),
            "We cannot see at the moment. At the moment we cannot see how things are.",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_that_leads_to_the_page(
    board: Board, says: str
) -> None:
    assert asked(board) == {"title": "Acme status", "sentence": says}
    said = document(board, "/banner").one("p")
    assert said.text.startswith(says)
    link = said.one("a").attributes
    assert (link["href"], link["target"]) == ("https://status.acme.example/en/", "_blank")


def test_it_speaks_the_language_of_the_page_that_shows_it() -> None:
    assert asked(OUTAGE, "it")["sentence"] == (
        "Fuori servizio. Al momento non è possibile fare ordini."
    )
    paths = {one.path for one in render(OUTAGE, CODES).pages}
    assert {"/it/banner", "/it/banner.json", "/en/banner", "/banner", "/banner.js"} <= paths


def test_it_alone_may_be_framed() -> None:
    told = policy_of("/banner")
    assert "frame-ancestors *" in told
    assert f"style-src '{BANNER_HASH}'" in told
    assert "unsafe" not in told
    for path in ("/", "/history", "/incidents/k3v9x2m1q7ab"):
        assert "frame-ancestors 'none'" in policy_of(path)


@pytest.mark.parametrize("name", EVERY)
def test_it_is_dressed_in_its_one_sheet(name: str) -> None:
    for code in CODES:
        root = read(page(EVERY[name], "/banner", code).body)
        [sheet] = [one for element in root.all("style") for one in element.children]
        assert sheet == BANNER
        assert root.one("html").attributes["lang"] == code
        assert not [one for one in root.walk() if "style" in one.attributes]


def test_it_costs_next_to_nothing() -> None:
    script = page(OUTAGE, "/banner.js", None, "text/javascript").body
    assert len(gzip.compress(script)) < 1300
    assert len(brotli.compress(page(OUTAGE, "/banner").body, quality=5)) < 1700
    assert len(page(CALM, "/banner.json", "en", "application/json").body) < 60


def test_its_script_asks_for_nothing_of_anybody_else() -> None:
    script = page(OUTAGE, "/banner.js", None, "text/javascript").body.decode()
    code = re.sub(r"//.*", "", script)
    assert "http" not in code
    assert not re.search("cookie|Storage|import", code)


@dataclass
class Shop:
    """A page of somebody else's at another host, which embeds the banner and little else."""

    url: str
    site: Site
    window: Page

    @property
    def framed(self) -> FrameLocator:
        return self.window.frame_locator("iframe")

    async def look_again(self) -> None:
        """As when somebody comes back to the tab; the script would ask within a minute."""
        await self.window.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@asynccontextmanager
async def shop(
    browser: Browser, scheme: str = "light", language: str = "en"
) -> AsyncIterator[Shop]:
    site = Site()
    async with served(site) as serving:
        site.serving = serving
        ours = serving.url.replace("127.0.0.1", "localhost")
        strict = f"default-src 'none'; script-src {ours}; connect-src {ours}; frame-src {ours}"

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                body = (
                    f'<!doctype html><html lang="en"><meta name="color-scheme" content="{scheme}">'
                    f'<link rel="icon" href="data:,"><title>A shop</title><h1>Books</h1>'
                    f'<script src="{ours}/banner.js" async data-language="{language}"></script>'
                )
                policy = {"content-security-policy": f"{strict}; img-src data:"}
                await HTMLResponse(body, headers=policy)(scope, receive, send)

        async with served(answer) as host, visitor(browser) as window:
            yield Shop(host.url, site, window)


async def test_a_shop_shows_nothing_while_all_is_well(browser: Browser) -> None:
    async with shop(browser) as shown:
        await shown.site.show(CALM)
        await shown.window.goto(shown.url, wait_until="networkidle")
        assert shown.site.asked == ["/banner.js", "/en/banner.json"]
        await expect(shown.window.locator("iframe")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_shop_says_what_is_wrong_and_moves_nothing_for_it(
    browser: Browser, scheme: str
) -> None:
    async with shop(browser, scheme) as shown:
        await shown.site.show(OUTAGE)
        await shown.window.add_init_script(
            """window.moved = 0;
            const add = (all) => all.getEntries().forEach(({value}) => { window.moved += value; });
            new PerformanceObserver(add).observe({type: "layout-shift", buffered: true});"""
        )
        await shown.window.goto(shown.url)
        frame = shown.window.locator("iframe")
        await expect(frame).to_be_visible()
        await expect(frame).to_have_attribute("title", "Acme status")
        await expect(shown.framed.locator("p")).to_contain_text(DOWN)
        box = await frame.bounding_box()
        inside = await shown.framed.locator("p").evaluate("one => one.offsetHeight")
        assert box
        assert abs(box["height"] - inside) <= 1
        assert await shown.window.evaluate("window.moved") == 0
        assert await shown.window.context.cookies() == []


async def test_it_comes_and_goes_with_the_trouble(browser: Browser) -> None:
    async with shop(browser, language="it") as shown:
        await shown.site.show(CALM)
        await shown.window.goto(shown.url, wait_until="networkidle")
        await shown.site.show(OUTAGE)
        await shown.look_again()
        await expect(shown.framed.locator("p")).to_contain_text("Al momento non è possibile")
        await shown.site.show(CALM)
        await shown.look_again()
        await expect(shown.window.locator("iframe")).to_have_count(0)


async def test_who_has_closed_it_is_left_alone_until_there_is_news(browser: Browser) -> None:
    async with shop(browser) as shown:
        await shown.site.show(OUTAGE)
        await shown.window.goto(shown.url)
        await shown.framed.get_by_role("button", name="Close").click()
        await expect(shown.window.locator("iframe")).to_have_count(0)
        async with shown.window.expect_response("**/banner.json") as again:
            await shown.look_again()
        await (await again.value).finished()
        await expect(shown.window.locator("iframe")).to_have_count(0)
        await shown.site.show(MAINTAINED)
        await shown.look_again()
        await expect(shown.framed.locator("p")).to_contain_text("under maintenance")


async def test_hostile_names_do_nothing_on_a_shop(browser: Browser) -> None:
    async with shop(browser) as shown:
        shown.window.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
        await shown.site.show(WILD)
        await shown.window.goto(shown.url, wait_until="networkidle")
        await expect(shown.window.locator("iframe")).to_be_visible()


async def test_axe_finds_nothing_in_it(browser: Browser) -> None:
    site = Site()
    async with served(site) as serving, visitor(browser) as window:
        site.serving = serving
        # of a document in a frame these are asked of the page around it
        whole = ("page-has-heading-one", "region", "landmark-one-main")
        rules = {"rules": {name: {"enabled": False} for name in whole}}
        for name in ("outage", "maintained", "wild", "calm"):
            await site.show(EVERY[name])
            for scheme in ("light", "dark"):
                await window.emulate_media(color_scheme=scheme)
                await window.goto(f"{site.url}/en/banner#framed")
                found = await Axe().run(window, options=rules)
                assert found.violations_count == 0, f"{name}: {found.generate_report()}"
