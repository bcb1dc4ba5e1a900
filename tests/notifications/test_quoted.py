"""Is a letter that was encoded once and filled in for each the one that each would have got?"""

from __future__ import annotations

import quopri
from collections.abc import Mapping
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.letter import Letter, personal
from notifications.mime import message
from notifications.plain import PLACE_CLOSES, PLACE_OPENS
from notifications.quoted import quoted
from tests.notifications.parcels import PARCEL

NAMES = ("manage_url", "unsubscribe_url", "code")
MARKS = [f"{PLACE_OPENS}{name}{PLACE_CLOSES}" for name in NAMES]
words = st.text(st.characters(exclude_categories=("Cs", "Co", "Cc")), max_size=90)
pieces = st.one_of(
    st.sampled_from([*MARKS, "\n", "\n\n", " ", ".", "=", "From ", "https://"]), words
)
texts = st.lists(pieces, max_size=30).map("".join)
codes = st.text("abcdefghijklmnopqrstuvwxyzABCDEF0123456789_-.~:/?=&%+@", max_size=160)
places = st.fixed_dictionaries(dict.fromkeys(NAMES, st.one_of(codes, words).filter(bool)))


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


@given(text=texts, html=texts, values=places)
def test_filled_in_it_reads_as_the_finished_letter(
    text: str, html: str, values: Mapping[str, str]
) -> None:
    marked = replace(PARCEL, text=text + "".join(MARKS), html=html, places=values)
    told = personal(Letter(marked.subject, marked.text, html), values)
    finished = replace(marked, text=told.text, html=told.html, places={})
    spliced, whole = parsed(message(marked)), parsed(message(finished))
    assert dict(spliced.items()).keys() == dict(whole.items()).keys()
    for kind, expected in (("plain", told.text), ("html", told.html)):
        one, other = (letter.get_body((kind,)) for letter in (spliced, whole))
        assert one is not None
        assert other is not None
        assert one.get_content() == other.get_content()
        assert one.get_content().rstrip("\r\n") == expected.rstrip("\r\n").replace("\n", "\r\n")


@given(text=texts, values=places)
def test_no_line_is_longer_than_76_and_nothing_but_seven_bits(
    text: str, values: Mapping[str, str]
) -> None:
    raw = quoted(text).filled(values)
    assert raw.isascii()
    assert raw.endswith(b"\r\n")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 76


lines = st.lists(st.sampled_from([*MARKS, ".", "..", ".\n", "\n.", "\n.\n", "x" * 75, " ", "é"]))


@given(text=lines.map("".join), values=places, dots=st.sampled_from(["", ".", ".." * 40]))
def test_no_line_of_a_letter_ends_it_or_begins_with_a_dot(
    text: str, values: Mapping[str, str], dots: str
) -> None:
    """Dots are not doubled on the way (RFC 5321 4.5.2): there must be none to double."""
    dotted = {name: dots + value for name, value in values.items()}
    for html in (None, text):
        raw = message(replace(PARCEL, subject=dots + ".", text=text, html=html, places=dotted))
        assert b"\n." not in raw
        assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    filled = quoted(text).filled(dotted)
    assert max(len(line) for line in filled.split(b"\r\n")) <= 76
    told = personal(Letter("", text, ""), dotted).text
    assert quopri.decodestring(filled).decode().rstrip("\r\n") == told.replace("\n", "\r\n").rstrip(
        "\r\n"
    )
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert b"\n" not in raw.replace(b"\r\n", b"")


@given(texts, places)
def test_others_read_it_alike(text: str, values: Mapping[str, str]) -> None:
    """By another decoder of the same standard."""
    told = personal(Letter("", text + "".join(MARKS), ""), values).text
    raw = quoted(text + "".join(MARKS)).filled(values)
    read = quopri.decodestring(raw).decode().replace("\r\n", "\n")
    assert read.rstrip("\n") == told.rstrip("\n")


def test_a_link_stays_in_one_piece() -> None:
    """A mail program that knows no soft break, and a person who reads the source, can follow it."""
    link = "https://status.acme.example/unsubscribe/abcdefghijklmnopqrstuv"
    raw = quoted(f"To stop:\n{MARKS[1]}\nBye.\n").filled({"unsubscribe_url": link})
    assert raw == f"To stop:\r\n{link}\r\nBye.\r\n".encode()


@pytest.mark.parametrize("text", ["a\rb", "a\r\nb", "a\nb"])
def test_no_line_break_stands_alone(text: str) -> None:
    assert quoted(text).filled({}) == b"a\r\nb\r\n"


def test_a_place_that_nobody_filled_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        quoted(MARKS[0]).filled({})


def test_the_same_letter_is_the_same_bytes() -> None:
    """Tried again, it is byte for byte what it was, and a repeat can be recognised."""
    assert message(PARCEL) == message(replace(PARCEL))
