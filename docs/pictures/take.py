"""How are the pictures in the README made, so that they show the program as it is?

`make pictures`: the demo is started and its database broken, and a real browser looks at
what a customer then sees. WebP at twice the size, so that print stays sharp in few bytes.
"""

from __future__ import annotations

import asyncio
import base64
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Browser, Page

from tests.servers.chromium import Chromium
from tests.statuspage.demo.demo_process import Demo, eventually, running

FOLDER = Path(__file__).parent
WIDTH = 780
MAILBOX = "/demo/mailbox"
CUSTOMER = "paul@demo.example"
QUALITY = 80
WORDS = {
    "status": "identified",
    "what_happened": "A full disk stopped our orders database.",
    "what_we_are_doing": "We are making room and starting it again.",
    "how_we_prevent_it": "From this week on the disk grows by itself before it is full.",
    "next_update_in": "20m",
}
NO_DEMO = "document.querySelector('main > .again:first-child')?.remove()"
"""The line at the top of the front page that only the demo has."""


def main() -> None:
    """Take them all anew."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as demo:
        demo.throw("database")
        letter = eventually(lambda: _letter_to(CUSTOMER, demo))
        with Chromium() as chromium:
            asyncio.run(_take(demo, chromium, letter))
        demo.stop()


def _letter_to(customer: str, demo: Demo) -> int:
    """The number of the first letter to somebody, as the mailbox counts them; 0: none yet."""
    entry = r'href="/demo/mailbox/(\d+)".*?<div[^>]*>to (\S+),'
    listed = re.findall(entry, demo.page(MAILBOX), re.DOTALL)
    return min((int(n) for n, to in listed if to == customer), default=0)


async def _take(demo: Demo, chromium: Chromium, letter: int) -> None:
    async with chromium.browser() as browser:
        await _picture(browser, "notice", f"{demo.site}/notice/shop")
        await _picture(browser, "letter", f"{demo.site}{MAILBOX}/{letter}/html")
        _speak(demo)
        await _picture(browser, "outage", f"{demo.site}/en/")


def _speak(demo: Demo) -> None:
    """Acknowledge, and tell customers what it is, as an operator would."""
    token = demo.page("/demo").split("AVVISO_TOKEN=")[1].split()[0]
    open_now = demo.browser.get(f"{demo.site}/api/v2/incidents/unresolved.json").json()
    incident = f"{demo.site}/api/v1/incidents/{open_now['incidents'][0]['id']}"
    bearer = {"Authorization": f"Bearer {token}"}
    httpx.post(f"{incident}/acknowledge", headers=bearer, trust_env=False).raise_for_status()
    said = httpx.post(f"{incident}/updates", headers=bearer, json=WORDS, trust_env=False)
    said.raise_for_status()


async def _picture(browser: Browser, name: str, url: str) -> None:
    async with _page(browser, url) as page:
        height = await page.evaluate("document.documentElement.scrollHeight")
        session = await page.context.new_cdp_session(page)
        shot: dict[str, Any] = await session.send(
            "Page.captureScreenshot",
            {
                "format": "webp",
                "quality": QUALITY,
                "captureBeyondViewport": True,
                "clip": {"x": 0, "y": 0, "width": WIDTH, "height": height, "scale": 1},
            },
        )
    (FOLDER / f"{name}.webp").write_bytes(base64.b64decode(shot["data"]))


@asynccontextmanager
async def _page(browser: Browser, url: str) -> AsyncIterator[Page]:
    context = await browser.new_context(
        viewport={"width": WIDTH, "height": 200}, device_scale_factor=2, color_scheme="light"
    )
    try:
        page = await context.new_page()
        await page.goto(url)
        await page.evaluate(NO_DEMO)
        yield page
    finally:
        await context.close()


if __name__ == "__main__":
    main()
