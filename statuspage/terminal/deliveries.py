"""How far have the letters come?

On a terminal one line that changes, elsewhere a line for each change. It ends when nothing
has been queued for a while: a fan-out comes in slices, and between two of them nothing is.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from statuspage.errors import Misuse
from statuspage.terminal.connection import Reply, ask, part
from statuspage.terminal.printing import AsJson

app = typer.Typer(help="Letters on their way.", no_args_is_help=True)
PAUSE_S = 1.0
QUIET_ROUNDS = 3


@app.command()
def watch(
    id: Annotated[
        str | None, typer.Argument(help="An incident; default the newest that is open.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Look once.")] = False,
    as_json: AsJson = False,
) -> None:
    """Watch an incident's letters until all have left."""
    path = f"/incidents/{part(id or _newest())}/deliveries"
    if once:
        reply = ask("GET", path)
        typer.echo(reply.text if as_json else _line(reply.told))
        return
    try:
        for reply in _until_quiet(path):
            _show(reply, as_json)
    except KeyboardInterrupt:
        pass
    if _is_changing(as_json):
        typer.echo()


def _newest() -> str:
    found = ask("GET", "/incidents", query={"status": "unresolved", "limit": "1"}).told["items"]
    if not found:
        raise Misuse("No incident is open: name one.")
    return str(found[0]["id"])


def _until_quiet(path: str) -> Iterator[Reply]:
    """Each answer that differs from the one before."""
    before, quiet = None, 0
    while quiet < QUIET_ROUNDS:
        reply = ask("GET", path)
        if reply.told != before:
            yield reply
        done = reply.told["total"] > 0 and reply.told["queued"] == 0 and reply.told == before
        before, quiet = reply.told, quiet + 1 if done else 0
        if quiet < QUIET_ROUNDS:
            time.sleep(PAUSE_S)


def _show(reply: Reply, as_json: bool) -> None:
    if as_json:
        typer.echo(reply.text)
    elif _is_changing(as_json):
        typer.echo(f"\r\x1b[K{_line(reply.told)}", nl=False)
    else:
        typer.echo(_line(reply.told))


def _is_changing(as_json: bool) -> bool:
    return sys.stdout.isatty() and not as_json


def _line(told: Mapping[str, Any]) -> str:
    counts = ", ".join(f"{told[name]} {name}" for name in ("sent", "queued", "failed"))
    waits = f"; half within {told['p50_s']} s, 99 of 100 within {told['p99_s']} s"
    return f"{told['total']} letters: {counts}{waits if told['sent'] else ''}"
