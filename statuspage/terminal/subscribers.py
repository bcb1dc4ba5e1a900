"""How does an operator look up, add and remove somebody who is written to?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from statuspage.terminal import asking, exports, imports, spoken
from statuspage.terminal.connection import ask, part
from statuspage.terminal.looking_up import id_of
from statuspage.terminal.printing import AsJson, Yes, table, when

app = typer.Typer(help="Those who are written to.", no_args_is_help=True)
app.command("import")(imports.import_file)
app.command("export")(exports.export_to)
Address = Annotated[str, typer.Argument(help="A mail address.", show_default=False)]
Who = Annotated[str, typer.Argument(help="A mail address, or an id.", show_default=False)]


@app.command("list")
def list_subscribers(
    address: Annotated[str | None, typer.Option("--address", help="Only this one.")] = None,
    like: Annotated[str | None, typer.Option("--like", help="A part of an address.")] = None,
    state: Annotated[
        str | None, typer.Option("--state", help="pending, active, resting or left.")
    ] = None,
    component: Annotated[
        str | None, typer.Option("--component", help="Who chose it by name.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    as_json: AsJson = False,
) -> None:
    """Who is written to, and of what."""
    query = spoken.body(address=address, like=like, state=state, component=component, limit=limit)
    reply = ask("GET", "/subscribers", query=query)
    if as_json:
        typer.echo(reply.text)
        return
    heads = ("ID", "STATE", "LANGUAGE", "SINCE", "COMPONENTS", "ADDRESS")
    table(heads, [_row(one) for one in reply.told["items"]])
    if reply.told["next"]:
        shown, total = len(reply.told["items"]), reply.told["total"]
        typer.echo(f"{shown} of {total}; --limit shows more.", err=True)


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    since, chosen = when(one["created_at"]), _chosen(one)
    return one["id"], one["state"], one["language"], since, chosen, one["address"]


def _chosen(one: Mapping[str, Any]) -> str:
    return ",".join([*one["components"], *one["groups"]]) or "all"


@app.command()
def show(who: Who, as_json: AsJson = False) -> None:
    """One of them."""
    reply = ask("GET", f"/subscribers/{part(id_of(who))}")
    if as_json:
        typer.echo(reply.text)
        return
    one = reply.told
    least = "" if one["least_impact"] == "none" else f", from {one['least_impact']} on"
    only = ", first and last words only" if one["ends_only"] else ""
    typer.echo(f"{one['address']} ({one['id']}): {one['state']}")
    typer.echo(f"Told of: {_chosen(one)}{least}{only}, in {one['language']}")
    typer.echo(f"Since {when(one['created_at'])}, {_whence(one)}")


def _whence(one: Mapping[str, Any]) -> str:
    basis, source = one["basis"] or "no basis yet", one["source"]
    return f"{basis}; from: {source}" if source else str(basis)


@app.command()
def letters(
    who: Who,
    n: Annotated[int | None, typer.Argument(help="The number of one, to read it.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    as_json: AsJson = False,
) -> None:
    """What somebody was told, when, and whether it reached them."""
    path = f"/subscribers/{part(id_of(who))}/deliveries"
    if n is not None:
        reply = ask("GET", f"{path}/{n}")
        told = reply.told
        typer.echo(reply.text if as_json else f"Subject: {told['subject']}\n\n{told['text']}")
        return
    reply = ask("GET", path, query={"limit": limit})
    if as_json:
        typer.echo(reply.text)
        return
    heads = ("N", "DUE", "STATE", "ACCEPTED", "SUBJECT")
    table(heads, [_letter(one) for one in reply.told["items"]])
    for one in reply.told["items"]:
        if one["reason"]:
            typer.echo(f"{one['n']}: {one['reason']}", err=True)


def _letter(one: Mapping[str, Any]) -> tuple[str, ...]:
    state = "came back" if one["came_back_at"] else one["state"]
    due, accepted = when(one["due_at"]), when(one["accepted_at"])
    return str(one["n"]), due, state, accepted, one["subject"]


@app.command()
def add(
    address: Annotated[
        str, typer.Argument(help="A mail address, or a hook's.", show_default=False)
    ],
    channel: Annotated[
        str, typer.Option("--channel", help="email, webhook, slack, teams, telegram …")
    ] = "email",
    owner: Annotated[
        str | None, typer.Option("--owner", help="Of a hook: who is told when it fails.")
    ] = None,
    component: Annotated[
        list[str] | None, typer.Option("--component", help="Only this one; default all.")
    ] = None,
    group: Annotated[
        list[str] | None, typer.Option("--group", help="Whatever belongs to this one.")
    ] = None,
    least_impact: Annotated[
        str | None, typer.Option("--least-impact", help="minor, major or critical; default all.")
    ] = None,
    ends_only: Annotated[
        bool, typer.Option("--ends-only", help="The first and the last word of each incident.")
    ] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="Of their letters.")] = None,
    basis: Annotated[
        str | None, typer.Option("--basis", help="consent or contract, the default.")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", help="Where the address comes from.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add somebody who need not confirm. Who has left is not brought back."""
    said = spoken.body(
        channel=channel,
        address=address,
        owner=owner,
        components=component,
        groups=group,
        least_impact=least_impact,
        ends_only=ends_only or None,
        language=lang,
        basis=basis,
        source=source,
    )
    reply = ask("POST", "/subscribers", said)
    typer.echo(reply.text if as_json else f"{_became(reply.told)}: {reply.told['id']}")
    if not as_json and reply.told["signing_secret"]:
        typer.echo(f"Its calls are signed with: {reply.told['signing_secret']}")


def _became(one: Mapping[str, Any]) -> str:
    if one["state"] == "left":
        return "They have left, and are not brought back"
    return "They keep what they chose themselves" if one["kept"] else "Active"


@app.command()
def remove(who: Who) -> None:
    """No more letters to them, from this moment."""
    ask("DELETE", f"/subscribers/{part(id_of(who))}")
    typer.echo("Removed.")


@app.command()
def erase(who: Who, yes: Yes = False) -> None:
    """Forget them for good; nobody but they themselves can begin again."""
    id = id_of(who)
    if not yes:
        asking.may_ask()
        asking.sure("Forget all that is kept about them? It cannot be undone.")
    ask("DELETE", f"/subscribers/{part(id)}", query={"erase": "true"})
    typer.echo("Erased.")
