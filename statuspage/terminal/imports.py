"""How does an operator bring in a whole list of customers?

It is looked at first: every bad line is named and nothing is stored before the operator has
said yes. Sent twice, a file does no harm.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from statuspage.errors import Misuse, Stop
from statuspage.terminal import asking, progress
from statuspage.terminal.connection import Reply, send
from statuspage.terminal.printing import AsJson, Yes

PATH = "/subscribers/import"
PIECE = 64 * 1024
AGAIN = "Lines that had been sent may be stored. Send the file again: it does no harm."

File = Annotated[Path, typer.Argument(help="CSV with a header line; - is stdin.")]
Basis = Annotated[
    str | None, typer.Option("--basis", help="consent or contract, where a line names none.")
]
Source = Annotated[
    str | None,
    typer.Option("--source", help="Where the addresses come from, where a line names nothing."),
]


def import_file(
    file: File,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Ask each of them by letter first.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look and count.")] = False,
    basis: Basis = None,
    source: Source = None,
    charset: Annotated[str, typer.Option("--charset", help="How the file is written.")] = "utf-8",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Take in a list of customers. Who left is not brought back. Exit 1 when lines are bad."""
    if not yes and not dry_run:
        asking.may_ask()
    wished = {"confirm": "true" if confirm else None, "basis": basis, "source": source}
    query = {name: value for name, value in wished.items() if value}
    with _opened(file) as content:
        if dry_run or not yes:
            reply = _send(content, charset, {**query, "dry_run": "true"})
            _name_lines(reply.told)
        if not dry_run:
            if not yes:
                _be_sure(reply.told, confirm=confirm)
            reply = _send(content, charset, query)
    if yes and not dry_run:
        _name_lines(reply.told)
    typer.echo(reply.text if as_json else _summary(reply.told))
    if reply.told["rejected_total"]:
        raise typer.Exit(1)


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """A file that can be read twice: what comes by stdin is kept on the disk meanwhile."""
    if str(file) != "-":
        try:
            with file.open("rb") as opened:
                yield opened
        except OSError as error:
            raise Misuse(f"{file} cannot be read: {error.strerror}") from None
        return
    with tempfile.TemporaryFile() as kept:
        shutil.copyfileobj(sys.stdin.buffer, kept)
        yield kept


def _send(content: BinaryIO, charset: str, query: Mapping[str, str]) -> Reply:
    size = content.seek(0, os.SEEK_END)
    content.seek(0)
    rehearses = "dry_run" in query
    pieces = progress.shown(
        iter(partial(content.read, PIECE), b""),
        size,
        "Looking at it" if rehearses else "Taking it in",
    )
    try:
        return send(PATH, pieces, size, f"text/csv; charset={charset}", query)
    except Misuse:
        raise
    except Stop as stop:
        raise stop if rehearses else Stop(f"{stop}\n{AGAIN}") from None


def _name_lines(told: Mapping[str, Any]) -> None:
    """What is wrong with each bad line, and which lines stay silent."""
    for one in told["rejected"]:
        typer.echo(f"line {one['line']}: {one['msg']}", err=True)
    if (more := told["rejected_total"] - len(told["rejected"])) > 0:
        typer.echo(f"and {more:,} bad lines more", err=True)
    if told["silent"]:
        lines = ", ".join(str(line) for line in told["silent"])
        further = ", …" if told["silent_total"] > len(told["silent"]) else ""
        typer.echo(f"They left, were erased or take no mail: lines {lines}{further}", err=True)


def _summary(told: Mapping[str, Any]) -> str:
    says = {
        "added": "{} added",
        "updated": "{} updated",
        "kept": "{} keep what they chose",
        "silent_total": "{} stay silent",
        "rejected_total": "{} bad",
    }
    parts = [text.format(f"{told[name]:,}") for name, text in says.items() if told[name]]
    return f"{', '.join(parts) or 'No line at all'}."


def _be_sure(told: Mapping[str, Any], *, confirm: bool) -> None:
    if not told["added"] and not told["updated"]:
        raise Stop(f"{_summary(told)} There is nothing to take in.")
    typer.echo(f"--- {_summary(told)}", err=True)
    ask = "Write to them, and ask whether we may?" if confirm else "Take them in?"
    asking.sure(ask)
