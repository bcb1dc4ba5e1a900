"""Does what a person wrote stay as it was written?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.pages.prose import paragraphs, prose
from tests.statuspage.pages.document import read

LINK = '<a href="{0}" rel="nofollow noreferrer">{0}</a>'


def linked(address: str) -> str:
    return LINK.format(address)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("One.", "<p>One.</p>"),
        ("One.\n\nTwo.", "<p>One.</p><p>Two.</p>"),
        ("One.\r\n \r\n\r\nTwo.\r\n", "<p>One.</p><p>Two.</p>"),
        ("One\nline\rafter\u2028another", "<p>One<br>line<br>after<br>another</p>"),
        ("", ""),
        (" \n\n ", ""),
        ("**no** [markdown](x) <b>", "<p>**no** [markdown](x) &lt;b&gt;</p>"),
        ("bell\x07 and esc\x1b[31m", "<p>bell and esc[31m</p>"),
        ("see https://a.example/b.", f"<p>see {linked('https://a.example/b')}.</p>"),
        ("HTTP://A.EXAMPLE", f"<p>{linked('HTTP://A.EXAMPLE')}</p>"),
        ("(https://a.example/b)", f"<p>({linked('https://a.example/b')})</p>"),
        ("https://a.example/b_(c)", f"<p>{linked('https://a.example/b_(c)')}</p>"),
        ("https://a.example?a=1&b=2", f"<p>{linked('https://a.example?a=1&amp;b=2')}</p>"),
        ('https://a.example"onclick=x', f"<p>{linked('https://a.example')}&#34;onclick=x</p>"),
        ("javascript:alert(1)", "<p>javascript:alert(1)</p>"),
        ("ftp://a.example", "<p>ftp://a.example</p>"),
        ("https://", "<p>https://</p>"),
        ("https://...", "<p>https://...</p>"),
        ("https://a.example/\u202egnp.exe", f"<p>{linked('https://a.example/gnp.exe')}</p>"),
    ],
)
def test_as_written_with_links(written: str, shown: str) -> None:
    assert str(prose(written)) == shown


@given(st.text(alphabet=st.sampled_from("ab <>&\"'\n\r:/?.)(hpts\u202e\x00"), max_size=80))
def test_whatever_was_written_stays_inside_its_paragraphs(written: str) -> None:
    root = read(str(prose(written)).encode())
    assert {one.name for one in root.walk()} <= {"document", "p", "br", "a"}
    assert len(root.all("p")) == len(paragraphs(written))
    assert all(
        one.attributes["href"].lower().startswith(("http://", "https://")) for one in root.all("a")
    )
