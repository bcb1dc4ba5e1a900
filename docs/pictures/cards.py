"""How are the pictures made that stand beside a link to the page, in chats and the like?

`make pictures`: for each tone its shape on paper, as the page draws it. Without a word, since a
picture has no language; title and description of the link say it. PNG, as not all show SVG.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from statuspage.pages.badge import COLOURS
from statuspage.pages.templates import template
from tests.servers.chromium import Chromium

FOLDER = Path(__file__).parents[2] / "static" / "cards"
WIDTH, HEIGHT = 1200, 630
"""What those who show it ask for."""
PAGE = """<!doctype html><style>
body {{ margin: 0; height: 100vh; display: grid; place-items: center }}
body {{ background: #fbfaf7; color: {colour} }}
svg {{ width: 17rem; height: 17rem }}
.shape {{ fill: currentColor }} .mark {{ fill: none; stroke: #fbfaf7; stroke-width: 1.8 }}
.hollow {{ fill: none; stroke: currentColor; stroke-width: 2; stroke-dasharray: 3 2.2 }}
</style>{shape}"""


async def take() -> None:
    """All of them anew."""
    shape = template("_pieces.html").module.shape  # type: ignore[attr-defined]
    with Chromium() as chromium:
        async with chromium.browser() as browser:
            page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            for tone, colour in COLOURS.items():
                await page.set_content(PAGE.format(colour=colour, shape=shape(tone)))
                await page.screenshot(path=FOLDER / f"{tone}.png")


if __name__ == "__main__":
    asyncio.run(take())
