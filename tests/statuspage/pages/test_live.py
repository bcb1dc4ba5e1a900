"""Does an open page follow what happens, not loaded again, and without disturbing anybody?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Route, expect

from statuspage.app import build
from statuspage.vocabulary import Phase
from tests.servers.smtp import Relay
from tests.statuspage.api.office import open_office
from tests.statuspage.pages.boards import CALM, NOW, OUTAGE, SAID, SPOKEN, WORDS
from tests.statuspage.pages.visiting import Site, open_site, visitor
from tests.statuspage.serving import served

NEWS = replace(
    SAID,
    n=9,
    at=NOW + timedelta(minutes=3),
    phase=Phase.MONITORING,
    words=replace(WORDS, what_happened="The orders work again, and we watch them."),
)
"""One more word of a person."""

TOLD = replace(SPOKEN, updates=(NEWS, *SPOKEN.updates), updated_at=NEWS.at)
WITH_NEWS = replace(OUTAGE, open_incidents=(TOLD,))


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as made:
        yield made


async def opened(window: Page, url: str) -> None:
    """Opened, and marked, so that it is seen if it were loaded again."""
    await window.clock.install(time=NOW)
    await window.goto(url)
    await window.evaluate("window.opened = true")


async def pass_(window: Page, seconds: float) -> None:
    await window.clock.run_for(int(seconds * 1000))


async def test_an_incident_that_is_declared_comes_to_an_open_page(
    sqlite_url: str, smtp: Relay, tmp_path: Path, browser: Browser
) -> None:
    async with (
        open_office(sqlite_url, smtp, tmp_path) as office,
        served(build(office.world.premises)) as serving,
        visitor(browser) as window,
    ):
        await office.shows()
        await opened(window, f"{serving.url}/en/")
        await expect(window.locator("h1")).not_to_contain_text("No orders")
        await office.say(components=["shop"], name="No orders", what_happened="A disk is full.")
        await office.shows()
        await pass_(window, 20)
        await expect(window.locator("section.word h2")).to_have_text("No orders")
        await expect(window.locator("#said")).to_contain_text("A disk is full.")
        assert await window.evaluate("window.opened"), "without being loaded again"


async def test_without_news_a_look_costs_a_304(site: Site, browser: Browser) -> None:
    await site.show(OUTAGE)
    async with await browser.new_context() as own:  # with its cache, which a route would cost it
        window = await own.new_page()
        await opened(window, f"{site.url}/en/")
        for times in (1, 2, 3):
            site.answered.clear()
            async with window.expect_response("**/en/"):
                await pass_(window, 20)
            # beside it the icon may come late
            assert [status for path, status in site.answered if path == "/en/"] == [304], times
        await site.show(CALM)
        async with window.expect_response("**/en/"):
            await pass_(window, 20)
        await expect(window.locator("#lead")).to_contain_text("Everything")


async def test_nothing_is_disturbed_by_news(site: Site, browser: Browser) -> None:
    """Neither the focus, nor the place, nor what was typed and opened."""
    await site.show(OUTAGE)
    async with visitor(browser, viewport={"width": 390, "height": 500}) as window:
        await opened(window, f"{site.url}/en/")
        await window.get_by_label("Your email address").fill("ada@example.com")
        await window.locator("summary").first.click()
        link = window.locator("#incidents h2 a")
        await link.focus()
        await window.evaluate("window.held = document.activeElement")
        line = window.locator("#said li").last
        await line.scroll_into_view_if_needed()
        before = await line.bounding_box()
        await site.show(WITH_NEWS)
        await pass_(window, 20)
        await expect(window.locator("#said")).to_contain_text("we watch them")
        assert await window.evaluate("document.activeElement === window.held")
        await expect(window.get_by_label("Your email address")).to_have_value("ada@example.com")
        await expect(window.locator("details").first).to_have_attribute("open", "")
        after = await line.bounding_box()
        assert before
        assert after
        assert abs(before["y"] - after["y"]) < 2, "what is being read stays where it is"


async def test_who_hears_the_page_hears_the_new_line_and_no_other(
    site: Site, browser: Browser
) -> None:
    await site.show(OUTAGE)
    async with visitor(browser) as window:
        await opened(window, f"{site.url}/en/")
        await expect(window.locator("#said")).to_have_attribute("aria-live", "polite")
        await window.evaluate(
            """() => { window.added = []; window.gone = 0;
              new MutationObserver((all) => all.forEach((one) => {
                window.gone += one.removedNodes.length;
                one.addedNodes.forEach((node) => {
                  if (node.textContent.trim()) window.added.push(node.textContent);
                });
              })).observe(document.getElementById("said"), {childList: true, subtree: true});
            }"""
        )
        await site.show(WITH_NEWS)
        await pass_(window, 20)
        await expect(window.locator("#said li")).to_have_count(len(SPOKEN.updates) + 1)
        added = await window.evaluate("window.added")
        assert len(added) == 1
        assert "we watch them" in added[0]
        assert await window.evaluate("window.gone") == 0


async def test_what_a_visitor_has_opened_stays_open_while_it_changes(
    site: Site, browser: Browser
) -> None:
    await site.show(CALM)
    async with visitor(browser) as window:
        await opened(window, f"{site.url}/en/")
        told = await window.evaluate(
            """() => {
              const made = (html) =>
                new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
              const old = made(`<ul><li><details><summary>A</summary>one</details></li></ul>`);
              const now = made(`<ul><li class=x><details><summary>A</summary>two</details></li>
                <li>more</li></ul>`);
              old.querySelector("details").open = true;
              follow(old, now);
              return old.innerHTML.replace(/\\s+/g, " ");
            }"""
        )
        assert told == (
            '<li class="x"><details open=""><summary>A</summary>two</details></li> <li>more</li>'
        )


async def test_a_part_that_is_new_comes_to_its_place_and_one_that_is_over_goes(
    site: Site, browser: Browser
) -> None:
    await site.show(CALM)
    async with visitor(browser) as window:
        await opened(window, f"{site.url}/en/")
        assert await window.locator("footer #looked").count() == 0
        await site.show(OUTAGE)
        await pass_(window, 20)
        await expect(window.locator("footer #looked")).to_have_count(1)
        await site.show(CALM)
        await pass_(window, 20)
        await expect(window.locator("#looked")).to_have_count(0)


async def test_nobody_looks_for_a_page_that_is_not_seen(site: Site, browser: Browser) -> None:
    await site.show(CALM)
    async with visitor(browser) as window:
        await opened(window, f"{site.url}/en/")
        hide = "Object.defineProperty(document, 'hidden', {{get: () => {0}, configurable: true}});"
        changed = "document.dispatchEvent(new Event('visibilitychange'));"
        await window.evaluate(hide.format("true") + changed)
        site.asked.clear()
        await pass_(window, 600)
        assert "/en/" not in site.asked
        await site.show(OUTAGE)
        await window.evaluate(hide.format("false") + changed)
        await expect(window.locator("h1")).to_have_text("You cannot place orders at the moment.")


async def test_while_it_fails_it_is_asked_ever_more_seldom_and_then_at_once(
    site: Site, browser: Browser
) -> None:
    await site.show(CALM)
    async with await browser.new_context() as own:
        window, asked = await own.new_page(), list[str]()
        await opened(window, f"{site.url}/en/")

        async def fail(route: Route) -> None:
            asked.append(route.request.url)
            await route.abort()

        await window.route("**/en/", fail)
        for _ in range(60):  # ten minutes, each answer in its time
            await pass_(window, 10)
        assert 4 <= len(asked) <= 7, "and not forty times"
        await window.unroute("**/en/")
        await site.show(OUTAGE)
        await window.evaluate("window.dispatchEvent(new Event('online'))")
        await expect(window.locator("h1")).to_have_text("You cannot place orders at the moment.")


async def test_a_page_of_which_nothing_changes_asks_for_nothing(
    site: Site, browser: Browser
) -> None:
    await site.show(CALM)
    async with visitor(browser) as window:
        await opened(window, f"{site.url}/en/subscribe")
        site.asked.clear()
        await pass_(window, 600)
        assert "/en/subscribe" not in site.asked
