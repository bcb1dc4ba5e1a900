"""How do customers' data come out at a terminal?

The list as CSV, or everything about one person as JSON; piece by piece into a file or to
stdout. A file is whole or not there: it gets its name when all of it has come.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from statuspage.errors import Misuse
from statuspage.terminal import spoken
from statuspage.terminal.connection import fetch, part
from statuspage.terminal.looking_up import id_of


def export_to(
    file: Annotated[Path | None, typer.Argument(help="Default, and -: stdout.")] = None,
    who: Annotated[
        str | None,
        typer.Option("--who", help="An address or an id: all about one person, as JSON."),
    ] = None,
    state: Annotated[
        str | None, typer.Option("--state", help="pending, active, resting or left.")
    ] = None,
    component: Annotated[
        str | None, typer.Option("--component", help="Who chose it by name.")
    ] = None,
) -> None:
    """The list as CSV, with the columns that an import takes."""
    path = f"/subscribers/{part(id_of(who))}/export" if who else "/subscribers/export"
    pieces = fetch(path, {} if who else spoken.body(state=state, component=component))
    if file is None or str(file) == "-":
        out = typer.get_binary_stream("stdout")
        for piece in pieces:
            out.write(piece)
        return
    _save(file, pieces)
    typer.echo(f"Wrote {file}.", err=True)


def _save(file: Path, pieces: Iterator[bytes]) -> None:
    beside = file.with_name(f"{file.name}.part")
    try:
        with beside.open("wb") as out:
            beside.chmod(0o600)  # it holds addresses
            out.writelines(pieces)
        beside.replace(file)
    except OSError as error:
        raise Misuse(f"{file} cannot be written: {error.strerror}") from None
    finally:
        beside.unlink(missing_ok=True)
