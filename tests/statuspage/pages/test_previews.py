"""What does a chat show beside a link to a page?"""

from __future__ import annotations

import struct

import pytest

from statuspage.rules.board import Board
from tests.statuspage.pages.boards import BLIND, CALM, EVERY, OUTAGE, PLANNED, UNDER_WAY
from tests.statuspage.pages.showing import document, page

SITE = "https://status.acme.example"


def preview(board: Board, path: str = "/", language: str = "en") -> dict[str, str]:
    metas = document(board, path, language).all("meta")
    named = ((one.attributes.get("property"), one.attributes.get("content", "")) for one in metas)
    return {name: content for name, content in named if name}


@pytest.mark.parametrize(
    ("board", "path", "language", "title", "text", "card"),
    [
        (
            OUTAGE,
            "/",
            "en",
            "Out of service · Acme status",
            "You cannot place orders at the moment.",
            "down",
        ),
        (
            CALM,
            "/",
            "it",
            "Tutto funziona · Stato di Acme",
            "Tutto ciò che controlliamo risponde.",
            "ok",
        ),
        (
            BLIND,
            "/",
            "en",
            "We cannot see at the moment · Acme status",
            "At the moment we cannot see how things are.",
            "unknown",
        ),
        (
            OUTAGE,
            "/incidents/k3v9x2m1q7ab",
            "en",
            "Orders are not possible · Acme status",
            "Cause found · since 14:02 CET",
            "down",
        ),
        (
            PLANNED,
            f"/maintenances/{UNDER_WAY.id}",
            "en",
            "Maintenance: Shop · Acme status",
            "Under way · Since 14:02 CET, until 14:42 CET as planned",
            "plan",
        ),
    ],
)
def test_the_state_and_what_it_means(
    board: Board, path: str, language: str, title: str, text: str, card: str
) -> None:
    shown = preview(board, path, language)
    assert shown["og:title"] == shown["og:image:alt"] == title
    assert shown["og:description"] == text
    assert shown["og:url"] == f"{SITE}/{language}{path}"
    assert shown["og:image"] == f"{SITE}/cards/{card}.png"


def test_a_page_without_a_state_has_no_picture_of_one() -> None:
    shown = preview(OUTAGE, "/history")
    assert shown["og:title"] == "History · Acme status"
    assert shown["og:description"]
    assert "og:image" not in shown


def test_the_notice_asks_nobody_to_preview_it() -> None:
    assert preview(OUTAGE, "/notice/shop") == {}


@pytest.mark.parametrize("name", EVERY)
def test_each_picture_is_there_and_as_large_as_it_is_said_to_be(name: str) -> None:
    shown = preview(EVERY[name])
    path = shown["og:image"].removeprefix(SITE)
    body = page(EVERY[name], path, None, "image/png").body
    assert body.startswith(b"\x89PNG\r\n\x1a\n")
    size = struct.unpack(">II", body[16:24])
    assert size == (int(shown["og:image:width"]), int(shown["og:image:height"])) == (1200, 630)
    assert len(body) < 20_000
