"""How far has something long come?

A bar on a terminal; elsewhere a line at each tenth, so that a log tells it too. It goes to
stderr: stdout is the answer's.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

TENTHS = 10
SMALL = 256 * 1024
"""Bytes that are gone before a line of a log could tell of them."""


def shown(pieces: Iterable[bytes], size: int, doing: str) -> Iterator[bytes]:
    """The same pieces; ``size`` is that of them all, in bytes."""
    if sys.stderr.isatty():
        return _with_bar(pieces, size, doing)
    return _with_lines(pieces, size, doing) if size > SMALL else iter(pieces)


def _with_bar(pieces: Iterable[bytes], size: int, doing: str) -> Iterator[bytes]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[lines]:,} lines"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(doing, total=size, lines=0)
        lines = 0
        for piece in pieces:
            yield piece
            lines += piece.count(b"\n")
            progress.update(task, advance=len(piece), lines=lines)


def _with_lines(pieces: Iterable[bytes], size: int, doing: str) -> Iterator[bytes]:
    sent = lines = told = 0
    for piece in pieces:
        yield piece
        sent += len(piece)
        lines += piece.count(b"\n")
        if sent * TENTHS // size > told:
            told = sent * TENTHS // size
            typer.echo(f"{doing}: {told * 100 // TENTHS} %, {lines:,} lines", err=True)
