"""Is every line of a file of customers read as it was meant, or named as wrong?"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.rules.columns import COLUMNS
from statuspage.rules.imports import Bad, Entry, Reader, Unreadable
from statuspage.rules.lines import LONGEST_LINE
from statuspage.rules.offer import Offer

OFFER = Offer(("en", "it"), ("shop", "blog"), ("Website", "Point of sale"))
ITALIAN_EXCEL = (
    "\ufeffaddress;language;source\r\n"
    'ada@example.org;it;"Fiera di Forlì; padiglione 2"\r\n'
    'bea@example.org;;"la ""Casa"""\r\n'
    ";;\r\n"
)
WHOLE = (
    "Source,address,Components,groups,least_impact,ends_only,basis,language\n"
    "fair in Turin, Ada@EXAMPLE.org ,shop|blog,Website|Point of sale,major,yes,consent,it\n"
)


def read(*pieces: bytes | str, charset: str = "utf-8") -> list[Entry | Bad]:
    reader = Reader(OFFER, charset)
    found = [
        one
        for piece in pieces
        for one in reader.read(piece.encode() if isinstance(piece, str) else piece)
    ]
    return found + reader.end()


def bad(lines: Iterable[Entry | Bad]) -> list[tuple[int, str]]:
    return [(one.line, one.msg) for one in lines if isinstance(one, Bad)]


def test_all_columns_in_any_order() -> None:
    assert read(WHOLE) == [
        Entry(
            line=2,
            address="Ada@example.org",
            language="it",
            components=("shop", "blog"),
            groups=("Website", "Point of sale"),
            least_impact="major",
            ends_only=True,
            basis="consent",
            source="fair in Turin",
        )
    ]


def test_as_an_italian_spreadsheet_writes_it() -> None:
    assert read(ITALIAN_EXCEL) == [
        Entry(
            line=2,
            address="ada@example.org",
            language="it",
            source="Fiera di Forlì; padiglione 2",
        ),
        Entry(line=3, address="bea@example.org", source='la "Casa"'),
    ]


@given(st.lists(st.integers(0, len(ITALIAN_EXCEL.encode())), max_size=8))
def test_wherever_it_is_cut_it_says_the_same(cuts: list[int]) -> None:
    data = ITALIAN_EXCEL.encode()
    places = [0, *sorted(cuts), len(data)]
    pieces = [data[a:b] for a, b in pairwise(places)]
    assert read(*pieces) == read(data)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_like_and_are_counted_as_an_editor_does(end: str) -> None:
    lines = read(end.join(["address", "ada@example.org", "", "nobody", "bea@example.org"]))
    assert [one.line for one in lines] == [2, 4, 5]
    assert [line for line, _ in bad(lines)] == [4]


def test_excel_may_say_which_character_separates() -> None:
    assert [one.line for one in read("sep=;\naddress;source\nada@example.org;a,b\n")] == [3]


def test_a_column_that_is_not_there_says_nothing_and_an_empty_cell_no_wish() -> None:
    (silent,) = read("address\nada@example.org\n")
    assert isinstance(silent, Entry)
    assert silent.said == {}
    (all_of_it,) = read("address,components,least_impact,ends_only\nada@example.org,,,\n")
    assert isinstance(all_of_it, Entry)
    assert all_of_it.said == {"components": [], "least_impact": "none", "ends_only": False}


@pytest.mark.parametrize(("cell", "means"), [("VERO", True), ("Sì", True), ("FALSO", False)])
def test_an_italian_spreadsheet_writes_its_own_words(cell: str, means: bool) -> None:
    (entry,) = read(f"address;ends_only\nada@example.org;{cell}\n")
    assert isinstance(entry, Entry)
    assert entry.ends_only is means


def test_a_guard_against_formulas_is_taken_off() -> None:
    (one,) = read("address,source\n'+ada@example.org,'=fair\n")
    assert isinstance(one, Entry)
    assert (one.address, one.source) == ("+ada@example.org", "=fair")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nobody,en,,", "complete mail address"),
        ("ada@example.org,fr,,", "en, it"),
        ("ada@example.org,en,orders-db,", "shop, blog"),
        ("ada@example.org,en,,hearsay", "consent, contract"),
        ("ada@example.org,en,shop", "3 cells, the header 4"),
        ("ada@example.org,en,shop,consent,more", "5 cells, the header 4"),
        ('"ada@example.org,en,shop,consent', "quote"),
        ('"ada"@example.org,en,shop,consent', "quote"),
        ("nobody,fr,orders-db,hearsay", "complete mail address"),
    ],
)
def test_a_bad_line_is_named_and_spoils_no_other(line: str, says: str) -> None:
    lines = read(f"address,language,components,basis\n{line}\nbea@example.org,en,,\n")
    ((number, msg),) = bad(lines)
    assert number == 2
    assert says in msg
    assert "ada" not in msg
    assert "hearsay" not in msg
    assert [one.line for one in lines if isinstance(one, Entry)] == [3]


def test_all_that_is_wrong_with_a_line_is_said_at_once() -> None:
    ((_, msg),) = bad(read("address,language,basis\nnobody,fr,hearsay\n"))
    assert all(part in msg for part in ("complete mail address", "en, it", "consent, contract"))


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "address"),
        ("\n\n", 1, "address"),
        ("ada@example.org\n", 1, "Column 1"),
        ("address,phone\n", 1, "Column 2"),
        ("address;language;address\n", 1, "twice"),
        ("language\n", 1, "no column address"),
        ("\naddress,phone\n", 2, "Column 2"),
        ('"address\n', 1, "quote"),
    ],
)
def test_a_header_that_cannot_be_read_refuses_the_file(text: str, line: int, says: str) -> None:
    with pytest.raises(Unreadable, match=says) as refused:
        read(text)
    assert refused.value.line == line
    assert "ada" not in str(refused.value)


def test_an_unknown_column_is_told_which_there_can_be() -> None:
    with pytest.raises(Unreadable) as refused:
        read("address,phone\n")
    assert all(column in str(refused.value) for column in COLUMNS)


def test_how_it_is_written_is_utf_8_unless_it_says_otherwise() -> None:
    file = "address;source\nada@example.org;Forlì\nbea@example.org;Turin\n"
    in_old_windows = file.encode("windows-1252")
    ((line, msg),) = bad(read(in_old_windows))
    assert (line, "UTF-8" in msg) == (2, True)
    assert read(in_old_windows, charset="windows-1252") == read(file)
    with pytest.raises(Unreadable, match="UTF-16"):
        read(file.encode("utf-16"))


def test_a_line_without_end_is_passed_over_in_little_memory() -> None:
    reader = Reader(OFFER)
    found = reader.read(b"address\n")
    for _ in range(100):
        found += reader.read(b"x" * 65536)
    assert len(reader._lines._rest) <= LONGEST_LINE + 2
    found += reader.read(b"\r") + reader.read(b"bea@example.org") + reader.end()
    assert [one.line for one in found] == [2, 3]
    assert [line for line, _ in bad(found)] == [2]


def test_of_two_lines_about_one_person_the_later_counts_where_it_says_something() -> None:
    first, second = read("address,language,source\na@example.org,it,x\na@example.org,,y\n")
    assert isinstance(first, Entry)
    assert isinstance(second, Entry)
    both = second.after(first)
    assert (both.language, both.source) == ("it", "y")
