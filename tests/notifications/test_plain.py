"""Can a text that somebody else wrote do harm, and does it keep its words?"""

import pytest

from notifications.plain import (
    PLACE_CLOSES,
    PLACE_OPENS,
    clean,
    linked,
    one_line,
    paragraphs,
    wrapped,
)


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("a\r\nb\rc\u2028d\u2029e\x0bf\x0cg\x85h", "a\nb\nc\nd\ne\nf\ng\nh"),
        ("a\x00b\x1bc\x7fd\x9fe", "abcde"),
        ("a\u202eb\u2066c", "abc"),
        (f"a{PLACE_OPENS}b{PLACE_CLOSES}c", "abc"),
        ("a\ud800b", "a\ufffdb"),
        ("  è così\tperò  ", "è così\tperò"),
        ("日本語 العربية", "日本語 العربية"),
        ("", ""),
    ],
)
def test_clean(written: str, cleaned: str) -> None:
    assert clean(written) == cleaned
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("a\r\nBcc: b", "a Bcc: b"),
        ("a\u2028b  c\t\nd", "a b c d"),
        ("\n", ""),
    ],
)
def test_one_line(written: str, line: str) -> None:
    assert one_line(written) == line


def test_paragraphs_are_split_at_blank_lines_only() -> None:
    assert paragraphs("a\nb\n\n\n  c \r\n \r\nd") == ("a\nb", "c", "d")
    assert paragraphs("\n \n") == ()


def test_wrapping_breaks_no_word() -> None:
    link = "https://example.org/" + "a-b-c-" * 30
    lines = wrapped(f"{'word ' * 40}{link} end\nnext").splitlines()
    assert link in " ".join(lines).split()
    assert all(len(line) <= 72 or line == link for line in lines)
    assert lines[-1] == "next"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("one\ntwo", "one<br>\ntwo"),
        (
            "see https://e.org/x.",
            'see <a href="https://e.org/x" rel="noopener noreferrer">https://e.org/x</a>.',
        ),
        (
            "(http://e.org/a_(b))",
            '(<a href="http://e.org/a_(b)" rel="noopener noreferrer">http://e.org/a_(b)</a>)',
        ),
        (
            'https://e.org/"onclick=x',
            '<a href="https://e.org/" rel="noopener noreferrer">https://e.org/</a>&#34;onclick=x',
        ),
        ("ftp://e.org javascript:x mailto:a@b.org", "ftp://e.org javascript:x mailto:a@b.org"),
        ("https://", "https://"),
        ("https://!!!", "https://!!!"),
    ],
)
def test_links(text: str, html: str) -> None:
    assert linked(text) == html
