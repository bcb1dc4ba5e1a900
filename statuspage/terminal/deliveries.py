"""How far have the letters come?

On a terminal a bar with how many a second and how long still, elsewhere a line for each
change. It ends when for a while nothing has been due, nor is within a minute: a fan-out comes
in slices, and between two of them nothing is. What is tried again later is told, not waited for.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from statuspage.errors import Misuse
from statuspage.terminal.connection import Reply, ask, part
from statuspage.terminal.printing import AsJson, when

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
    """Watch an incident's letters until each has left, or is to be tried again later."""
    path = f"/incidents/{part(id or _newest())}/deliveries"
    looks = iter([Look(ask("GET", path))]) if once else _until_quiet(path)
    try:
        if as_json:
            _as_json(looks)
        elif sys.stdout.isatty() and not once:
            with_bar(looks, Console())
        else:
            _as_lines(looks)
    except KeyboardInterrupt:
        pass


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen, and how many have left in each second since the look before."""

    reply: Reply
    rate: float | None = None

    @property
    def told(self) -> Mapping[str, Any]:
        return dict(self.reply.told)

    @property
    def done(self) -> int:
        return int(self.told["total"] - self.told["queued"])

    @property
    def has_come_round(self) -> bool:
        told = self.told
        return int(told["total"]) + hooks(told) > 0 and int(told["due_soon"]) == 0

    @property
    def pace(self) -> str:
        """How many a second, and how long still; nothing while none leaves."""
        if not self.rate or not self.told["queued"]:
            return ""
        left = round(self.told["queued"] / self.rate)
        still = f"{left} s" if left < 100 else f"{round(left / 60)} min"
        return f"{self.rate:,.0f} a second, {still} left"


def _newest() -> str:
    found = ask("GET", "/incidents", query={"status": "unresolved", "limit": "1"}).told["items"]
    if not found:
        raise Misuse("No incident is open: name one.")
    return str(found[0]["id"])


def _until_quiet(path: str) -> Iterator[Look]:
    """Each answer that differs from the one before."""
    before: Look | None = None
    at, quiet = 0.0, 0
    while quiet < QUIET_ROUNDS:
        reply, since, at = ask("GET", path), at, time.monotonic()
        if before is None or reply.told != before.told:
            look = Look(reply)
            rate = (look.done - before.done) / (at - since) if before is not None else None
            before = Look(reply, rate)
            quiet = 0
            yield before
        elif before.has_come_round:
            quiet += 1
        if quiet < QUIET_ROUNDS:
            time.sleep(PAUSE_S)


def _as_json(looks: Iterable[Look]) -> None:
    for look in looks:
        typer.echo(look.reply.text)


def _as_lines(looks: Iterable[Look]) -> None:
    for look in looks:
        typer.echo(f"{line(look.told)}; {look.pace}" if look.pace else line(look.told))


def with_bar(looks: Iterable[Look], console: Console) -> None:
    """The bar, and at the end the line that stays."""
    columns = (
        BarColumn(),
        TextColumn("{task.completed:,} of {task.total:,}"),
        TextColumn("{task.fields[failed]}", style="red"),
        TextColumn("{task.fields[pace]}"),
    )
    told: Mapping[str, Any] | None = None
    try:
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task("letters", total=0, failed="", pace="")
            for look in looks:
                told = look.told
                progress.update(
                    task,
                    total=told["total"],
                    completed=look.done,
                    failed=f"{told['failed']:,} failed" if told["failed"] else "",
                    pace=look.pace,
                )
    finally:
        if told is not None:
            console.print(line(told), highlight=False, soft_wrap=True)


def line(told: Mapping[str, Any]) -> str:
    """All that was counted, and how fast it went."""
    counts = ", ".join(f"{told[name]} {name}" for name in ("sent", "queued", "failed"))
    waits = f"; half within {told['p50_s']} s, 99 of 100 within {told['p99_s']} s"
    parts = [f"{told['total']} letters: {counts}{waits if told['sent'] else ''}"]
    if hooks(told):
        called = ", ".join(
            f"{told[f'hooks_{name}']} {name}" for name in ("called", "queued", "failed")
        )
        parts.append(f"{hooks(told)} hook{'s' if hooks(told) > 1 else ''}: {called}")
    later = told["queued"] + told["hooks_queued"] - told["due_soon"]
    if later and not told["due_soon"]:
        parts.append(f"{later} still being tried, next at {when(told['next_due_at'])}")
    return "; ".join(parts)


def hooks(told: Mapping[str, Any]) -> int:
    """How many there are, chats among them."""
    return int(told["hooks_queued"] + told["hooks_called"] + told["hooks_failed"])
