"""How does somebody say in one short line that they are at work on it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from statuspage.errors import Misuse
from statuspage.terminal import spoken
from statuspage.terminal.connection import Reply, ask, part
from statuspage.terminal.printing import AsJson, Yes, halted, table, when

app = typer.Typer(help="Plan work, and say that it is over.", no_args_is_help=True)

Parts = Annotated[str, typer.Argument(help='A component; several as "shop,blog".')]
Id = Annotated[str, typer.Argument(help="The maintenance's id, as in its address.")]
Text = Annotated[str | None, typer.Argument(help="What you do, in a sentence for customers.")]
Begins = Annotated[
    str | None, typer.Option("--from", help="Such as 2026-11-29T01:00+01:00; default now.")
]
Until = Annotated[str | None, typer.Option("--until", help="Until when; or --for.")]
Lasts = Annotated[str | None, typer.Option("--for", help='How long, like "3h".')]
Name = Annotated[str | None, typer.Option("--name", help="A title.")]
Days = Annotated[
    str | None, typer.Option("--on", help='With --every week: the days, like "sun,wed".')
]
Last = Annotated[str | None, typer.Option("--last", help="It repeats until then.")]


class Every(StrEnum):
    """The words of ``repeat.every``, without the server's calendar behind them."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


Rhythm = Annotated[Every | None, typer.Option("--every", help="It comes again every …")]


@app.command()
def now(
    component: Parts,
    lasts: Annotated[str, typer.Argument(metavar="LENGTH", help='How long, like "20m".')],
    text: Text = None,
    notify: Annotated[bool, typer.Option("--notify", help="Write to customers.")] = False,
    lang: spoken.Lang = None,
    override: spoken.Override = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Begin at once, as before a deploy: it stands on the page, and no check calls anybody."""
    said = spoken.body(
        components=_ids(component),
        lasts=lasts,
        body=text,
        language=lang,
        notify=notify,
        override=override or None,
    )
    reply = spoken.say("/maintenances", said, yes=yes, dry_run=False)
    if reply is not None:
        _tell(reply, "Begun", as_json, hint="To end it: avviso maintenance end {id}")


@app.command()
def add(
    component: Parts,
    text: Text = None,
    begins: Begins = None,
    until: Until = None,
    lasts: Lasts = None,
    name: Name = None,
    every: Rhythm = None,
    on: Days = None,
    last: Last = None,
    lang: spoken.Lang = None,
    notify: spoken.Notify = True,
    override: spoken.Override = False,
    yes: Yes = False,
    dry_run: spoken.DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Announce work that is to come."""
    said = spoken.body(
        components=_ids(component),
        name=name,
        body=text,
        scheduled_for=begins,
        scheduled_until=until,
        lasts=lasts,
        repeat=_repeat(every, on, last),
        language=lang,
        notify=None if notify else False,
        override=override or None,
    )
    reply = spoken.say("/maintenances", said, yes=yes, dry_run=dry_run)
    if reply is not None:
        _tell(reply, "Announced", as_json, hint="To cancel it: avviso maintenance cancel {id}")


@app.command()
def change(
    id: Id,
    text: Text = None,
    begins: Begins = None,
    until: Until = None,
    lasts: Lasts = None,
    name: Name = None,
    component: Annotated[str | None, typer.Option("--component", help="Of all of them.")] = None,
    every: Rhythm = None,
    on: Days = None,
    last: Last = None,
    override: spoken.Override = False,
    yes: Yes = False,
    dry_run: spoken.DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Move it, or say it better. Of what repeats, times alone move this one only."""
    said = spoken.body(
        components=_ids(component) if component else None,
        name=name,
        body=text,
        scheduled_for=begins,
        scheduled_until=until,
        lasts=lasts,
        repeat=_repeat(every, on, last),
    )
    if not said:
        raise Misuse(
            "Say what is to change: --from, --until, --for, --name, --component or a text."
        )
    path = f"/maintenances/{part(id)}"
    said |= spoken.body(override=override or None)
    reply = spoken.say(path, said, yes=yes, dry_run=dry_run, method="PATCH")
    if reply is not None:
        _tell(reply, "Changed", as_json)


@app.command()
def cancel(
    id: Id,
    only_this: Annotated[bool, typer.Option("--only-this", help="What follows stays.")] = False,
    yes: Yes = False,
    dry_run: spoken.DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Cancel what has not begun, and what would follow it."""
    query = {"only_this": "true"} if only_this else {}
    path = f"/maintenances/{part(id)}"
    reply = spoken.say(path, None, yes=yes, dry_run=dry_run, method="DELETE", query=query)
    if reply is not None:
        _tell(reply, "Cancelled", as_json)


@app.command()
def erase(
    id: Id,
    reason: Annotated[
        str, typer.Option("--reason", help="For the audit; nothing that must not stand.")
    ] = "it must not stand",
    as_json: AsJson = False,
) -> None:
    """Remove title and text from everywhere, for good; the times stay."""
    reply = ask("DELETE", f"/maintenances/{part(id)}/words", {"reason": reason})
    typer.echo(reply.text if as_json else halted("Removed", reply.told))


@app.command()
def end(
    which: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="Its id or a component; default the only one."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say that the work is done: from now on the checks count again."""
    found = _meant(which)
    reply = ask("PATCH", f"/maintenances/{part(found)}", {"status": "completed"})
    _tell(reply, "Ended", as_json)


@app.command("list")
def list_maintenances(
    every: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    as_json: AsJson = False,
) -> None:
    """Those that are to come or under way."""
    if every or as_json:
        reply = ask("GET", "/maintenances", query={"limit": str(limit)})
        rows = reply.told["items"]
        if as_json:
            typer.echo(reply.text)
            return
    else:
        rows = _those("in_progress", "verifying", "scheduled")
    if not rows:
        typer.echo("No maintenance is planned." if not every else "There was none yet.")
        return
    table(("ID", "STATUS", "FROM", "UNTIL", "REPEATS", "NAME"), [_row(told) for told in rows])


def _ids(named: str) -> list[str]:
    return [id for one in named.split(",") if (id := one.strip())]


def _repeat(every: Every | None, on: str | None, last: str | None) -> dict[str, Any] | None:
    if every is None:
        if on or last:
            raise Misuse("--on and --last go with --every.")
        return None
    return spoken.body(every=every.value, on=_ids(on) if on else None, until=last)


def _those(*statuses: str) -> list[Mapping[str, Any]]:
    return [
        told
        for status in statuses
        for told in ask("GET", "/maintenances", query={"status": status}).told["items"]
    ]


def _meant(which: str | None) -> str:
    """The one under way that is meant."""
    rows = _those("in_progress", "verifying")
    if which is not None:
        rows = [one for one in rows if which == one["id"] or which in one["components"]]
        if not rows:
            raise Misuse(f"No maintenance of that name is under way: {which}.")
    if not rows:
        raise Misuse("No maintenance is under way.")
    if len(rows) > 1:
        raise Misuse("\n".join(["Several are under way; name one:", *_lines(rows)]))
    return str(rows[0]["id"])


def _lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"  {one['id']}  {one['name']}" for one in rows]


def _row(told: Mapping[str, Any]) -> tuple[str, ...]:
    repeat = told["repeat"]
    return (
        told["id"],
        "cancelled" if told["cancelled_at"] else told["status"],
        when(told["started_at"] or told["scheduled_for"]),
        when(told["ended_at"] or told["scheduled_until"]),
        repeat["every"] if repeat else "-",
        told["name"],
    )


def _tell(reply: Reply, did: str, as_json: bool, *, hint: str | None = None) -> None:
    if as_json:
        typer.echo(reply.text)
        return
    told = reply.told
    if reply.replayed:
        typer.echo("The same was said a moment ago; it was not said again.", err=True)
    times = f"{when(told['scheduled_for'])} to {when(told['scheduled_until'])}"
    typer.echo(f"{did} {told['id']}: {told['name']}, {times}. {told['url']}")
    if hint:
        typer.echo(hint.format(id=told["id"]), err=True)
