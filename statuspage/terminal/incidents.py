"""How does somebody speak of an incident with one short line at 3 a.m.?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from statuspage.errors import Misuse
from statuspage.terminal import asking, spoken
from statuspage.terminal.connection import Reply, ask, part
from statuspage.terminal.printing import AsJson, Yes, halted, table, when

app = typer.Typer(help="Open, update and end incidents.", no_args_is_help=True)
Id = Annotated[
    str, typer.Argument(help="The incident's id, as in its address.", show_default=False)
]


@app.command("open")
def open_incident(
    component: Annotated[str, typer.Argument(help='An id; several as "shop,blog"; "shop=STATUS".')],
    text: spoken.Text = None,
    doing: spoken.Doing = None,
    prevent: spoken.Prevent = None,
    impact: spoken.ImpactOption = None,
    status: spoken.PhaseOption = None,
    name: Annotated[str | None, typer.Option("--name", help="A title.")] = None,
    next_word: spoken.Next = None,
    lang: spoken.Lang = None,
    warm: spoken.Warm = False,
    notify: spoken.Notify = True,
    separate: Annotated[bool, typer.Option("--separate", help="Beside the checks' own.")] = False,
    override: spoken.Override = False,
    yes: Yes = False,
    dry_run: spoken.DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Say that something is wrong; where the checks opened an incident already, go on with it."""
    said = spoken.body(
        components=spoken.components([component]),
        what_happened=text,
        what_we_are_doing=doing,
        how_we_prevent_it=prevent,
        impact=impact,
        status=status,
        name=name,
        next_update_in=next_word,
        language=lang,
        tone="warm" if warm else None,
        notify=None if notify else False,
        override=override or None,
        separate=separate or None,
    )
    reply = spoken.say("/incidents", said, yes=yes, dry_run=dry_run)
    if reply is not None:
        _tell(reply, "Went on with" if reply.told["continued"] else "Opened", as_json)


@app.command()
def update(
    id: Id,
    text: spoken.Text = None,
    doing: spoken.Doing = None,
    prevent: spoken.Prevent = None,
    impact: spoken.ImpactOption = None,
    status: spoken.PhaseOption = None,
    component: Annotated[
        list[str] | None, typer.Option("--component", help="Such as shop=operational.")
    ] = None,
    next_word: spoken.Next = None,
    corrects: Annotated[
        int | None, typer.Option("--corrects", help="Which earlier word should have said this.")
    ] = None,
    lang: spoken.Lang = None,
    warm: spoken.Warm = False,
    notify: spoken.Notify = True,
    override: spoken.Override = False,
    yes: Yes = False,
    dry_run: spoken.DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Say one more word, or correct an earlier one."""
    said = spoken.body(
        components=spoken.components(component or []),
        what_happened=text,
        what_we_are_doing=doing,
        how_we_prevent_it=prevent,
        impact=impact,
        status=status,
        next_update_in=next_word,
        corrects=corrects,
        language=lang,
        tone="warm" if warm else None,
        notify=None if notify else False,
        override=override or None,
    )
    reply = spoken.say(f"/incidents/{part(id)}/updates", said, yes=yes, dry_run=dry_run)
    if reply is not None:
        _tell(reply, "Updated", as_json)


@app.command()
def resolve(
    id: Id,
    text: spoken.Text = None,
    doing: spoken.Doing = None,
    prevent: spoken.Prevent = None,
    false_alarm: Annotated[bool, typer.Option("--false-alarm", help="Nothing was down.")] = False,
    lang: spoken.Lang = None,
    warm: spoken.Warm = False,
    notify: spoken.Notify = True,
    override: spoken.Override = False,
    yes: Yes = False,
    dry_run: spoken.DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Say that it is over; only who was told of it is written to."""
    said = spoken.body(
        status="resolved",
        **spoken.ended(text, doing, lang, false_alarm=false_alarm),
        how_we_prevent_it=prevent,
        false_alarm=false_alarm or None,
        language=lang,
        tone="warm" if warm else None,
        notify=None if notify else False,
        override=override or None,
    )
    reply = spoken.say(f"/incidents/{part(id)}/updates", said, yes=yes, dry_run=dry_run)
    if reply is not None:
        _tell(reply, "Resolved", as_json)


@app.command()
def withdraw(
    id: Id,
    n: Annotated[int | None, typer.Argument(help="Which word; default the newest.")] = None,
    reason: Annotated[str, typer.Option("--reason", help="For the audit.")] = "said by mistake",
    as_json: AsJson = False,
) -> None:
    """Take a word back: letters that have not left never will."""
    number = n if n is not None else _newest(ask("GET", f"/incidents/{part(id)}").told)
    reply = ask("DELETE", f"/incidents/{part(id)}/updates/{number}", {"reason": reason})
    typer.echo(reply.text if as_json else halted("Taken back", reply.told))


@app.command()
def translate(
    id: Id,
    lang: Annotated[str, typer.Argument(help="Into which language, such as it.")],
    text: spoken.Text = None,
    n: Annotated[int | None, typer.Option("--word", help="Which; default the newest.")] = None,
    doing: spoken.Doing = None,
    prevent: spoken.Prevent = None,
    override: spoken.Override = False,
    as_json: AsJson = False,
) -> None:
    """Translate what was said already; nobody is written to again."""
    number = n if n is not None else _newest(ask("GET", f"/incidents/{part(id)}").told)
    said = spoken.body(
        what_happened=text,
        what_we_are_doing=doing,
        how_we_prevent_it=prevent,
        override=override or None,
    )
    path = f"/incidents/{part(id)}/updates/{number}/translations/{part(lang)}"
    reply = ask("PUT", path, said)
    typer.echo(reply.text if as_json else f"Translated word {number} into {lang}.")
    asking.show_findings(reply.told["findings"])


@app.command()
def erase(
    id: Id,
    n: Annotated[int | None, typer.Argument(help="Which word; default the newest.")] = None,
    title: Annotated[bool, typer.Option("--title", help="The title instead of a word.")] = False,
    reason: Annotated[
        str, typer.Option("--reason", help="For the audit; nothing that must not stand.")
    ] = "it must not stand",
    as_json: AsJson = False,
) -> None:
    """Remove what must not stand (a password, a name) from everywhere, for good."""
    if title and n is not None:
        raise Misuse("A word or the title: one at a time.")
    if title:
        reply = ask("DELETE", f"/incidents/{part(id)}/name", {"reason": reason})
    else:
        number = n if n is not None else _newest(ask("GET", f"/incidents/{part(id)}").told)
        said = {"reason": reason, "erase": True}
        reply = ask("DELETE", f"/incidents/{part(id)}/updates/{number}", said)
    typer.echo(reply.text if as_json else halted("Removed", reply.told))


@app.command()
def acknowledge(id: Id, as_json: AsJson = False) -> None:
    """Say that you are on it."""
    reply = ask("POST", f"/incidents/{part(id)}/acknowledge")
    if as_json:
        typer.echo(reply.text)
        return
    told = reply.told
    typer.echo(f"Acknowledged by {told['acknowledged_by']}: {told['name']}. {told['url']}")


@app.command("list")
def list_incidents(
    every: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    as_json: AsJson = False,
) -> None:
    """The incidents that are open."""
    query = {"limit": str(limit)} | ({} if every else {"status": "unresolved"})
    reply = ask("GET", "/incidents", query=query)
    if as_json:
        typer.echo(reply.text)
    elif not reply.told["items"]:
        typer.echo("No incident is open." if not every else "There was no incident yet.")
    else:
        heads = ("ID", "STATUS", "IMPACT", "SINCE", "NEXT WORD", "ON IT", "NAME")
        table(heads, [_row(told) for told in reply.told["items"]])


def _row(told: Mapping[str, Any]) -> tuple[str, ...]:
    ahead = [one["due_at"] for one in told["promises"] if one["state"] == "open"]
    return (
        told["id"],
        told["status"],
        told["impact"],
        when(told["started_at"]),
        when(ahead[-1] if ahead else None),
        told["acknowledged_by"] or "-",
        told["name"],
    )


def _newest(told: Mapping[str, Any]) -> int:
    said = [one for one in told["updates"] if one["kind"] in ("words", "correction")]
    words = [one for one in said if not one["withdrawn_at"]]
    if not words:
        raise Misuse("No word of a person stands in this incident: there is nothing to take back.")
    return int(words[-1]["n"])


def _tell(reply: Reply, did: str, as_json: bool) -> None:
    if as_json:
        typer.echo(reply.text)
        return
    told = reply.told
    if reply.replayed:
        typer.echo("The same was said a moment ago; it was not said again.", err=True)
    typer.echo(f"{did} {told['id']}: {told['name']}. {told['url']}")
    typer.echo(f"To take it back: avviso incident withdraw {told['id']}", err=True)
