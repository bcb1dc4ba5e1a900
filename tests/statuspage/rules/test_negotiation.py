"""Everybody gets the page in the language, type and coding they asked for, or ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.rules.negotiation import best_coding, best_language, best_type

LARGE = {"identity": 10_000, "gzip": 3_000, "br": 2_500, "zstd": 2_600}
SMALL = {"identity": 15, "gzip": 35, "br": 19, "zstd": 28}


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", "identity"),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("deflate", "identity"),
        ("br;q=0.1, gzip;q=0.9", "gzip"),
        ("gzip;q=0", "identity"),
        ("gzip;q=0, *", "br"),
        ("*", "br"),
        ("*;q=0", "identity"),
        ("gzip;q=0.5", "gzip"),
        ("identity", "identity"),
        ("identity;q=0.5, gzip;q=0.4", "identity"),
        ("identity;q=0", "identity"),
        ("identity;q=0, zstd", "zstd"),
        ("identity;q=0, *", "br"),
        ("identity;q=0, deflate", "identity"),
        (" br ; q=1.000 ,gzip;q=.5", "br"),
        ("br;q=banana, gzip;q=0.1", "gzip"),
        ("br;q=-1, gzip;q=0.1", "gzip"),
        ("br;q=., gzip;q=1e0, zstd;q=nan", "identity"),
        (",,;q=1,;,gzip,", "gzip"),
        ("\x00\xff;;;=;q", "identity"),
    ],
)
def test_codings_of_a_page_worth_compressing(header: str, coding: str) -> None:
    assert best_coding(header, LARGE) == coding


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("gzip, br, zstd", "identity"),
        ("gzip;q=0.2", "identity"),
        ("gzip, identity;q=0.5", "gzip"),
        ("gzip, identity;q=0", "gzip"),
        ("*", "identity"),
    ],
)
def test_what_compression_makes_longer_goes_plain_unless_that_is_refused(
    header: str, coding: str
) -> None:
    assert best_coding(header, SMALL) == coding


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("it", "it"),
        ("IT", "it"),
        ("it-IT,it;q=0.9,en;q=0.8", "it"),
        ("it-CH, en;q=0.9", "it"),
        ("en-GB, it;q=0.9", "en"),
        ("de, it;q=0.5", "it"),
        ("de", "en"),
        ("de, *;q=0.5", "en"),
        ("*", "en"),
        ("en;q=0, *", "it"),
        ("en;q=0", "en"),
        ("it;q=0, en;q=0", "en"),
        ("it, en", "it"),
        ("en, it", "en"),
        ("it;q=0.3, en;q=0.7", "en"),
        ("it;q=2", "en"),
        ("it;q=1.5", "it"),
        ("ita", "en"),
        ("i", "en"),
        ("it_IT", "en"),
        ("it;level=1;q=0.4, en;q=0.3", "it"),
    ],
)
def test_languages(header: str, language: str) -> None:
    assert best_language(header, ["en", "it"]) == language


def test_a_language_finds_its_regions() -> None:
    assert best_language("pt", ["en", "pt-BR"]) == "pt-BR"
    assert best_language("pt-PT;q=0.9, pt-BR;q=0.8", ["pt-BR", "pt-PT"]) == "pt-PT"


NOTICE = ["text/html; charset=utf-8", "application/problem+json", "text/plain; charset=utf-8"]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("", "html"),
        ("*/*", "html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", "html"),
        ("application/json", "json"),
        ("application/problem+json", "json"),
        ("Application/JSON; charset=utf-8", "json"),
        ("application/json, text/plain, */*", "json"),
        ("application/json, */*;q=0.5", "json"),
        ("application/*", "json"),
        ("text/html, application/json", "html"),
        ("application/json, text/html", "html"),
        ("application/json, text/html;q=0.9", "json"),
        ("application/json;q=0.5, text/html", "html"),
        ("text/plain", "plain"),
        ("text/plain, */*;q=0.1", "plain"),
        ("text/*", "html"),
        ("text/html;q=0, text/*", "plain"),
        ("application/json;q=0, application/problem+json", "json"),
        ("image/png", "html"),
        ("image/*, text/html;q=0", "html"),
        ("text/html;q=0, */*", "json"),
        ("garbage", "html"),
        ("/;q=;,", "html"),
    ],
)
def test_types_of_the_notice(header: str, kind: str) -> None:
    assert kind in best_type(header, NOTICE)


@given(
    st.text(alphabet=st.characters(max_codepoint=255)) | st.text("aeinqt*/-;=,.019 ", max_size=80)
)
def test_no_header_whatever_goes_unanswered(header: str) -> None:
    assert best_coding(header, LARGE) in LARGE
    assert best_language(header, ["en", "it"]) in ["en", "it"]
    assert best_type(header, NOTICE) in NOTICE
