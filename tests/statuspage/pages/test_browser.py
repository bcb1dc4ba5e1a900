"""How do the pages fare in a real browser, for everybody?

They are served as in production, by ``Visitors`` with the policy that the pages state, and
looked at narrow and wide, light and dark, with and without scripts, by axe for those who
hear a page, and from right to left.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from statuspage.pages.forms import FORMS
from tests.statuspage.pages.boards import (
    CALM,
    EVENTFUL,
    EVERY,
    LATE,
    NOW,
    OUTAGE,
    SHOP_DOWN,
    SITE,
    WILD,
)
from tests.statuspage.pages.dresses import DRESSED
from tests.statuspage.pages.visiting import Site, open_site, visitor

LOOKED_AT = [
    ("calm", "/en/"),
    ("calm", "/it/history"),
    ("calm", "/en/subscribe"),
    ("late", "/en/"),
    ("late", "/it/incidents/k3v9x2m1q7ab"),
    ("noticed", "/it/"),
    ("noticed", "/notice/shop"),
    ("outage", "/en/"),
    ("outage", "/en/incidents/k3v9x2m1q7ab"),
    ("outage", "/it/incidents/w8n4c6z0p5ty"),
    ("outage", "/notice/shop"),
    ("outage", "/notice/payments"),
    ("wild", "/en/"),
    ("wild", "/notice/held"),
    ("blind", "/en/"),
    ("maintained", "/en/"),
    ("mended", "/it/"),
    ("eventful", "/en/"),
    ("eventful", "/it/components/shop"),
    ("outage", "/en/components/shop"),
    ("wild", "/en/components/long"),
    ("how", "/en/how-we-do"),
    ("how", "/it/incidents/c5d6e7f8g9h0"),
]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as made:
        yield made


async def sideways(window: Page) -> int:
    """How many pixels one must scroll to the side."""
    return int(
        await window.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
    )


async def assert_axe_finds_nothing(window: Page, what: str) -> None:
    """Everything by day; by night the colours, which are all that changes."""
    await window.emulate_media(color_scheme="light")
    by_day = await Axe().run(window)
    await window.emulate_media(color_scheme="dark")
    by_night = await Axe().run(window, options={"runOnly": ["color-contrast"]})
    for found in (by_day, by_night):
        assert found.violations_count == 0, f"{what}: {found.generate_report()}"


async def test_axe_finds_nothing(site: Site, browser: Browser) -> None:
    async with visitor(browser, viewport={"width": 390, "height": 800}) as window:
        for name, path in LOOKED_AT:
            await site.show(EVERY[name])
            await window.goto(site.url + path)
            await assert_axe_finds_nothing(window, f"{name} {path}")


async def test_axe_finds_nothing_in_a_company_s_own_dress(site: Site, browser: Browser) -> None:
    async with visitor(browser, viewport={"width": 390, "height": 800}) as window:
        for name, board in DRESSED.items():
            await site.show(board)
            for path in ("/en/", "/it/history", "/en/subscribe", "/notice/shop"):
                await window.goto(site.url + path)
                await assert_axe_finds_nothing(window, f"{name} {path}")
                assert await sideways(window) <= 0, (name, path)


async def test_a_logo_is_seen_in_its_colours_and_is_one_request_with_the_icon(
    site: Site, browser: Browser
) -> None:
    async with visitor(browser, color_scheme="dark") as window:
        await site.show(DRESSED["calm, square"])
        await window.goto(f"{site.url}/en/", wait_until="networkidle")
        assert "/logo-cccccccccccc.svg" in site.asked
        await window.emulate_media(color_scheme="light")
        site.asked.clear()
        await window.goto(f"{site.url}/en/", wait_until="networkidle")
        assert set(site.asked) <= {"/en/", "/static/live.js", "/logo-bbbbbbbbbbbb.svg"}
        drawn = "document.querySelector('header img').naturalWidth"
        assert await window.evaluate(drawn) > 0
        await site.show(DRESSED["outage, wide"])
        await window.goto(f"{site.url}/notice/shop")
        assert await window.evaluate(drawn) > 0, "also the one inside the notice"


async def test_axe_finds_nothing_in_the_forms(site: Site, browser: Browser) -> None:
    async with visitor(browser) as window:
        for name in FORMS:
            await window.goto(f"{site.url}/forms/{name}")
            await assert_axe_finds_nothing(window, name)


async def test_nobody_scrolls_sideways(site: Site, browser: Browser) -> None:
    async with visitor(browser) as window:
        for name, path in LOOKED_AT:
            await site.show(EVERY[name])
            await window.goto(site.url + path)
            for direction, width in (("ltr", 320), ("ltr", 1280), ("rtl", 320), ("rtl", 1280)):
                await window.evaluate(f"document.documentElement.dir = '{direction}'")
                await window.set_viewport_size({"width": width, "height": 800})
                assert await sideways(window) <= 0, (name, path, direction, width)


async def test_what_is_touched_is_large_enough_and_what_is_read_too(
    site: Site, browser: Browser
) -> None:
    """24 pixels (WCAG 2.2, 2.5.8; links within a sentence are free), and 13 for letters."""
    small = """() => {
      const found = [];
      for (const one of document.querySelectorAll("a, button, input:not([type=hidden]), summary")) {
        const box = one.getBoundingClientRect();
        const held = one.closest("label")?.getBoundingClientRect() ?? box;
        const told = !one.closest("p, footer span, .log div") || one.closest(".again, .tail");
        if (told && box.height && held.height < 24) found.push(one.outerHTML + held.height);
      }
      for (const one of document.querySelectorAll("body *")) {
        const text = [...one.childNodes].some((c) => c.nodeType === 3 && c.data.trim());
        if (text && parseFloat(getComputedStyle(one).fontSize) < 13) found.push(one.outerHTML);
      }
      return found;
    }"""
    async with visitor(browser, viewport={"width": 390, "height": 800}) as window:
        for name, path in LOOKED_AT:
            await site.show(EVERY[name])
            await window.goto(site.url + path)
            for summary in await window.locator("summary").all():
                await summary.click()
            assert await window.evaluate(small) == [], (name, path)


async def test_a_page_asks_for_its_script_and_picture_and_the_notice_for_nothing(
    site: Site, browser: Browser
) -> None:
    await site.show(OUTAGE)
    async with visitor(browser) as window:
        await window.goto(f"{site.url}/en/", wait_until="networkidle")
        assert set(site.asked) <= {"/en/", "/static/live.js", "/favicon.svg"}
        site.asked.clear()
        await window.goto(f"{site.url}/notice/shop", wait_until="networkidle")
        assert site.asked == ["/notice/shop"]
        assert await window.context.cookies() == []


async def test_all_is_readable_without_scripts(site: Site, browser: Browser) -> None:
    await site.show(OUTAGE)
    async with visitor(browser, java_script_enabled=False, locale="it-IT") as window:
        await window.goto(f"{site.url}/")
        await expect(window.locator("h1")).to_have_text("Al momento non è possibile fare ordini.")
        await expect(window.locator(".promise")).to_have_text(
            "Prossima notizia entro le 14:45 (CET)"
        )


async def test_ages_are_counted_by_the_visitor_s_own_clock(site: Site, browser: Browser) -> None:
    async with visitor(browser) as window:
        await window.clock.set_fixed_time(NOW)
        await site.show(CALM)
        await window.goto(f"{site.url}/en/")
        await expect(window.locator("#calm")).to_contain_text("14:22:31 CET, 9 seconds ago.")
        await site.show(OUTAGE)
        await window.goto(f"{site.url}/it/")
        await expect(window.locator(".promise")).to_have_text(
            "Prossima notizia entro le 14:45 (CET), tra 23 minuti"
        )


async def test_the_next_word_is_counted_down_and_not_the_one_that_did_not_come(
    site: Site, browser: Browser
) -> None:
    async with visitor(browser) as window:
        await window.clock.set_fixed_time(NOW)
        await site.show(LATE)
        await window.goto(f"{site.url}/en/")
        await expect(window.locator("#incidents .promise")).to_have_text(
            "We promised a word by 14:21 CET, and it did not come. "
            "Next word by 18:22 CET, in 4 hours"
        )


async def test_news_comes_to_an_open_page_and_leaves_what_was_typed(
    site: Site, browser: Browser
) -> None:
    await site.show(CALM)
    async with visitor(browser) as window:
        await window.goto(f"{site.url}/en/")
        await window.get_by_label("Your email address").fill("ada@example.com")
        await site.show(OUTAGE)
        await window.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await expect(window.locator("h1")).to_have_text("You cannot place orders at the moment.")
        await expect(window.locator("section.word")).to_contain_text("Orders are not possible")
        await expect(window).to_have_title("Out of service · Acme status")
        await expect(window.get_by_label("Your email address")).to_have_value("ada@example.com")


async def test_a_bar_opens_by_the_keyboard_and_without_scripts(
    site: Site, browser: Browser
) -> None:
    await site.show(EVENTFUL)
    async with visitor(browser, java_script_enabled=False) as window:
        await window.goto(f"{site.url}/en/")
        days = window.locator("#days-shop ul")
        await expect(days).to_be_hidden()
        await window.locator("#days-shop summary").focus()
        await window.keyboard.press("Enter")
        await expect(days).to_contain_text("3 October 2026: out of service for 21 minutes")


async def test_what_a_visitor_has_opened_stays_open_when_news_comes(
    site: Site, browser: Browser
) -> None:
    await site.show(EVENTFUL)
    async with visitor(browser) as window:
        await window.goto(f"{site.url}/en/")
        opened = window.locator("#days-shop")
        await opened.locator("summary").focus()
        await window.keyboard.press("Enter")
        down = replace(SHOP_DOWN, fared=EVENTFUL.components[0].fared)
        await site.show(replace(EVENTFUL, components=(down, *EVENTFUL.components[1:])))
        await window.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await expect(window.locator("#parts")).to_contain_text("Out of service")
        await expect(opened.locator("ul")).to_be_visible()
        await expect(opened.locator("summary")).to_be_focused()
        await expect(window.locator("#days-payments ul")).to_be_hidden()


async def test_a_phone_shows_the_last_thirty_days(site: Site, browser: Browser) -> None:
    measure = """() => { const bar = document.querySelector("#days-shop .bar");
      const [outer, inner] = [bar, bar.firstElementChild].map((e) => e.getBoundingClientRect());
      return [inner.width / outer.width, inner.right - outer.right]; }"""
    await site.show(EVENTFUL)
    for width, share, told in ((390, 3, "30"), (1280, 1, "90")):
        async with visitor(browser, viewport={"width": width, "height": 800}) as window:
            await window.goto(f"{site.url}/en/")
            assert await window.evaluate(measure) == pytest.approx([share, 0], abs=0.02)
            figures = window.locator("#days-shop .figures > span:visible").first
            await expect(figures).to_contain_text(f"of the last {told} days")


async def test_a_look_without_news_tells_a_listener_nothing(site: Site, browser: Browser) -> None:
    """The state is read aloud when it changes: not every fifteen seconds."""
    await site.show(CALM)
    async with visitor(browser) as window:
        await window.goto(f"{site.url}/en/")
        await window.evaluate(
            """() => { window.changes = 0;
              const watch = new MutationObserver((all) => { window.changes += all.length; });
              const all = {childList: true, subtree: true, characterData: true};
              watch.observe(document.getElementById("lead"), all);
            }"""
        )
        later = replace(CALM, looked_at=NOW)
        await site.show(later)
        await window.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await expect(window.locator("#calm")).to_contain_text("14:22:40 CET")
        assert await window.evaluate("window.changes") == 0


async def test_the_notice_s_form_reaches_the_status_page_from_another_site(
    site: Site, browser: Browser
) -> None:
    """Shown as 127.0.0.1, the page lives at localhost: two origins."""
    elsewhere = site.url.replace("127.0.0.1", "localhost")
    await site.show(replace(OUTAGE, site=replace(SITE, url=elsewhere)))
    async with visitor(browser) as window:
        await window.goto(f"{site.url}/notice/shop")
        await window.get_by_label("Your email address").fill("ada@example.com")
        await window.get_by_role("button").click()
        await expect(window).to_have_url(f"{elsewhere}/subscribe")
        await expect(window.locator("h1")).to_have_text("Look into your mailbox.")


async def test_hostile_names_do_nothing(site: Site, browser: Browser) -> None:
    await site.show(WILD)
    async with visitor(browser) as window:
        window.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
        for path in ("/en/", "/it/history", "/en/incidents/aaaaaaaaaaaa", "/notice/evil"):
            await window.goto(f"{site.url}{path}", wait_until="networkidle")


async def test_on_paper_there_are_no_buttons(site: Site, browser: Browser) -> None:
    await site.show(OUTAGE)
    async with visitor(browser) as window:
        await window.goto(f"{site.url}/en/")
        await window.emulate_media(media="print")
        await expect(window.locator("form")).to_be_hidden()
        await expect(window.locator("nav")).to_be_hidden()
        await expect(window.locator("h1")).to_be_visible()
        assert await window.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
