"""How does a test look at a page as a person would: in a real browser?

Debian's Chromium runs as a server of its own, once for many tests; a test connects to it by the
DevTools protocol and opens a context of its own (`browser.new_context()`), which shares nothing
with other tests. Playwright brings no browser and downloads none.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from tests.servers import plain
from tests.servers.programs import CHROMIUM
from tests.servers.server import Server

QUIET = (  # nothing that calls home: these tests own only the loopback
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--disable-default-apps",
    "--disable-extensions",
)


class Chromium(Server):
    """Chromium without a window. Its pages are shown by `browser`."""

    @property
    def dsn(self) -> str:
        """The DevTools address, for Playwright's `connect_over_cdp`."""
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> Sequence[str | Path]:
        """Run headless; the sandbox needs rights that containers withhold."""
        return [
            CHROMIUM.path(),
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *QUIET,
            f"--user-data-dir={self.folder}/profile",
            f"--remote-debugging-port={self.port}",
        ]

    def ask(self) -> None:
        """Ask for the version."""
        plain.get(f"{self.dsn}/json/version").raise_for_status()

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[Browser]:
        """Playwright's browser, connected; its contexts end with the block."""
        async with async_playwright() as playwright:
            browser = await playwright.chromium.connect_over_cdp(self.dsn)
            try:
                yield browser
            finally:
                await browser.close()
