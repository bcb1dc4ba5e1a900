"""How does an answer look, to a person or to a program?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="The API's answer, for programs.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns as wide as their widest cell; the last one as long as it is."""
    lines = [heads, *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(heads))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


def when(written: str | None) -> str:
    """A time of the API, to the minute and in UTC; a dash where there is none."""
    if not written:
        return "-"
    return f"{datetime.fromisoformat(written).astimezone(UTC):%Y-%m-%d %H:%M}Z"


def halted(did: str, told: Mapping[str, int]) -> str:
    """What became of the letters, of the API's ``sent``, ``withdrawn`` and ``under_way``. None
    need be queued: before the undo window has passed there are no letters yet.
    """
    maybe = told["under_way"]
    if not told["sent"] and not maybe:
        return f"{did} before any letter left."
    on_their_way = f"up to {maybe} more may be on their way, " if maybe else ""
    never = told["withdrawn"] - maybe
    return f"{did}: {told['sent']} had left, {on_their_way}{max(never, 0)} never will."
