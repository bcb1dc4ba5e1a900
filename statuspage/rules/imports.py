"""What does a file of customers say, line by line?

CSV as spreadsheets write it (RFC 4180 and its relatives): a header line names the columns in
any order; commas, semicolons or tabs between cells; UTF-8 with or without its mark. A line is
a line: a quote that is not closed on it spoils that one, and swallows no customer after it.

Nothing here looks at a clock, a socket or a row, and no sentence repeats what stood in the
file: it may be somebody's address, in whatever column.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from statuspage.rules.cells import unguarded
from statuspage.rules.columns import COLUMNS, READ, WrongCell
from statuspage.rules.lines import LONGEST_LINE, Lines
from statuspage.rules.offer import Offer

CHARSETS = ("utf-8", "windows-1252", "iso-8859-1", "iso-8859-15")
SEPARATORS = ",;\t"
_SEPARATOR_TOLD = re.compile(r'"?sep=([,;\t])"?', re.IGNORECASE)


class Unreadable(ValueError):
    """The whole file cannot be taken: its header, or how it is written. ``line`` says where."""

    def __init__(self, line: int, says: str) -> None:
        super().__init__(says)
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One customer. None: the file does not say."""

    line: int
    address: str
    language: str | None = None
    components: tuple[str, ...] | None = None
    groups: tuple[str, ...] | None = None
    least_impact: str | None = None
    ends_only: bool | None = None
    basis: str | None = None
    source: str | None = None

    @property
    def said(self) -> Mapping[str, Any]:
        """What the line says besides the address, as a subscriber's fields."""
        values = {name: getattr(self, name) for name in COLUMNS if name != "address"}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
            if value is not None
        }

    def after(self, earlier: Entry) -> Entry:
        """Of two lines with the same address the later one counts, where it says something."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        return replace(
            earlier, **{name: value for name, value in told.items() if value is not None}
        )


@dataclass(frozen=True, slots=True)
class Bad:
    """A line that cannot be taken, and why."""

    line: int
    msg: str


@dataclass(slots=True)
class Reader:
    """Takes a file in pieces, cut anywhere, and gives what its whole lines say."""

    offer: Offer
    charset: str = "utf-8"
    _lines: Lines = field(default_factory=Lines)
    _header: Header | None = None
    _separator: str | None = None

    def read(self, piece: bytes) -> list[Entry | Bad]:
        """Raises ``Unreadable``."""
        return self._read(self._lines.cut(piece))

    def end(self) -> list[Entry | Bad]:
        """The last line, which need not end. Raises ``Unreadable``."""
        found = self._read(self._lines.end())
        if self._header is None:
            raise Unreadable(1, f"The first line names the columns: {', '.join(COLUMNS)}.")
        return found

    def _read(self, lines: Iterator[tuple[int, bytes]]) -> list[Entry | Bad]:
        found = (self._line(number, line) for number, line in lines)
        return [one for one in found if one is not None]

    def _line(self, number: int, line: bytes) -> Entry | Bad | None:
        try:
            text = self._text(number, line)
            if self._header is None:
                self._begin(text)
                return None
            return self._header.entry(number, text, self.offer)
        except WrongCell as wrong:
            if self._header is None:
                raise Unreadable(number, str(wrong)) from None
            return Bad(number, str(wrong))

    def _text(self, number: int, line: bytes) -> str:
        if number == 1:
            if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise WrongCell("This is UTF-16. Save it as CSV UTF-8.")
            line = line.removeprefix(codecs.BOM_UTF8)
        if len(line) > LONGEST_LINE:
            raise WrongCell(f"A line has at most {LONGEST_LINE} bytes.")
        try:
            return line.decode(self.charset)
        except UnicodeDecodeError:
            raise WrongCell(
                f"This is not {self.charset}. Save it as CSV UTF-8, or name its charset."
            ) from None

    def _begin(self, text: str) -> None:
        if told := _SEPARATOR_TOLD.fullmatch(text.strip(" ")):  # as Excel is told which it is
            self._separator = told[1]
        elif text.strip():
            self._header = Header.of(text, self._separator)


@dataclass(frozen=True, slots=True)
class Header:
    """Which column stands where."""

    names: Sequence[str]
    separator: str

    @classmethod
    def of(cls, text: str, separator: str | None) -> Header:
        """Raises ``WrongCell``. Which character separates shows in the header: no column's name
        has one.
        """
        separator = separator or max(SEPARATORS, key=text.count)
        cells = [cell.strip().lower() for cell in _cells(text, separator)]
        while cells and not cells[-1]:
            cells.pop()
        known = ", ".join(COLUMNS)
        for at, name in enumerate(cells, 1):
            if name not in COLUMNS:
                raise WrongCell(f"Column {at} of the header is none of: {known}.")
            if name in cells[: at - 1]:
                raise WrongCell(f"The column {name} is there twice.")
        if "address" not in cells:
            raise WrongCell(f"The header has no column address. There can be: {known}.")
        return cls(cells, separator)

    def entry(self, number: int, text: str, offer: Offer) -> Entry | None:
        """None for an empty line. Raises ``WrongCell``."""
        cells = [cell.strip() for cell in _cells(text, self.separator)]
        if not any(cells):
            return None
        surplus = any(cells[len(self.names) :])
        if surplus or len(cells) < len(self.names):
            raise WrongCell(f"This line has {len(cells)} cells, the header {len(self.names)}.")
        said: dict[str, Any] = {}
        wrong: list[str] = []
        for name, cell in zip(self.names, cells, strict=False):
            try:
                said[name] = READ[name](unguarded(cell), offer)
            except WrongCell as error:
                wrong.append(str(error))
        if wrong:
            raise WrongCell(" ".join(wrong))
        return Entry(line=number, **said)


def _cells(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=separator, strict=True), [])
    except csv.Error:
        raise WrongCell("A quote is not closed on its line, or goes on behind its end.") from None
