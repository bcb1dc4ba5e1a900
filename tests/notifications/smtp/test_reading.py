"""Is a reply believed when it is whole, and nothing else ever?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.smtp.reading import LONGEST_REPLY, Broken, Reader


def read(reader: Reader, *chunks: bytes) -> list[tuple[int, str]]:
    found = []
    for chunk in chunks:
        reader.take(chunk)
        while (reply := reader.next()) is not None:
            found.append((reply.code, reply.text))
    return found


@pytest.mark.parametrize(
    ("data", "replies"),
    [
        (b"250 ok\r\n", [(250, "ok")]),
        (b"250\r\n", [(250, "")]),
        (b"250 \n", [(250, "")]),
        (b"250-one\r\n250-two\r\n250 three\r\n", [(250, "one\ntwo\nthree")]),
        (b"250 a\r\n550 5.1.1 b\r\n354 c\r\n", [(250, "a"), (550, "5.1.1 b"), (354, "c")]),
        (b"250 caff\xc3\xa8 \xff\r\n", [(250, "caffè \ufffd")]),
        (b"250 not yet whole", []),
        (b"250-not yet whole\r\n", []),
    ],
)
def test_replies(data: bytes, replies: list[tuple[int, str]]) -> None:
    reader = Reader()
    assert read(reader, data) == replies
    assert reader.is_empty is bool(replies)


@given(st.lists(st.integers(1, 40), max_size=20))
def test_it_does_not_matter_how_the_bytes_are_cut(cuts: list[int]) -> None:
    data = b"250 a\r\n250-b\r\n250 c\r\n550-5.1.1 d\r\n550 e\r\n"
    chunks, at = [], 0
    for cut in cuts:
        chunks.append(data[at : at + cut])
        at += cut
    chunks.append(data[at:])
    assert read(Reader(), *chunks) == [(250, "a"), (250, "b\nc"), (550, "5.1.1 d\ne")]


@pytest.mark.parametrize(
    "data",
    [
        b"garbage\r\n",
        b"\r\n",
        b"25 ok\r\n",
        b"25x ok\r\n",
        b"2500 ok\r\n",
        b"+50 ok\r\n",
        b"099 ok\r\n",
        b"150 ok\r\n",
        b"600 ok\r\n",
        b"250_ok\r\n",
        "２５０ ok\r\n".encode(),
        b"250-a\r\n550 b\r\n",
        b"250 " + b"x" * 3000 + b"\r\n",
        b"250-x\r\n" * LONGEST_REPLY,
        b"x" * 3000,
        b"\0" * 3000,
    ],
    ids=lambda data: str(data[:14]),
)
def test_what_is_no_reply(data: bytes) -> None:
    with pytest.raises(Broken):
        read(Reader(), data)


def test_what_came_whole_before_is_still_believed() -> None:
    reader = Reader()
    reader.take(b"250 2.0.0 queued\r\nHTTP/1.1 200 OK\r\n")
    reply = reader.next()
    assert reply is not None
    assert reply.text == "2.0.0 queued"
    with pytest.raises(Broken):
        reader.next()


def test_an_answer_without_an_end_is_not_kept() -> None:
    """10 MB of it end as soon as it is longer than any answer."""
    reader, taken = Reader(), 0
    try:
        for _ in range(10_000):
            taken += 1000
            read(reader, b"250-" + b"x" * 995 + b"\n")
    except Broken:
        assert taken <= LONGEST_REPLY + 4000
    else:
        pytest.fail("all of it was kept")
