"""How does an operator look up, add and remove somebody who is written to?"""

from __future__ import annotations

from typing import Annotated

import typer

from statuspage.errors import Misuse
from statuspage.terminal import imports, spoken
from statuspage.terminal.connection import ask, part
from statuspage.terminal.printing import AsJson, table, when

app = typer.Typer(help="Those who are written to.", no_args_is_help=True)
app.command("import")(imports.import_file)
Address = Annotated[str, typer.Argument(help="A mail address.", show_default=False)]


@app.command("list")
def list_subscribers(
    address: Annotated[str | None, typer.Option("--address", help="Only this one.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    as_json: AsJson = False,
) -> None:
    """Who is written to, and of what."""
    query = {"limit": str(limit)} | ({"address": address} if address else {})
    reply = ask("GET", "/subscribers", query=query)
    if as_json:
        typer.echo(reply.text)
        return
    heads = ("ID", "STATE", "LANGUAGE", "SINCE", "COMPONENTS", "ADDRESS")
    table(
        heads,
        [
            (
                one["id"],
                one["state"],
                one["language"],
                when(one["created_at"]),
                ",".join(one["components"]) or "all",
                one["address"],
            )
            for one in reply.told["items"]
        ],
    )
    if reply.told["next"]:
        shown, total = len(reply.told["items"]), reply.told["total"]
        typer.echo(f"{shown} of {total}; --limit shows more.", err=True)


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
    lang: Annotated[str | None, typer.Option("--lang", help="Of their letters.")] = None,
    consent: Annotated[
        bool, typer.Option("--consent", help="They agreed; default: by contract.")
    ] = False,
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
        language=lang,
        basis="consent" if consent else None,
        source=source,
    )
    reply = ask("POST", "/subscribers", said)
    left = reply.told["state"] == "left"
    outcome = "They have left, and are not brought back" if left else "Active"
    typer.echo(reply.text if as_json else f"{outcome}: {reply.told['id']}")
    if not as_json and reply.told["signing_secret"]:
        typer.echo(f"Its calls are signed with: {reply.told['signing_secret']}")


@app.command()
def remove(
    who: Annotated[str, typer.Argument(help="A mail address, or an id.", show_default=False)],
) -> None:
    """No more letters to them, from this moment."""
    ask("DELETE", f"/subscribers/{part(_id_of(who))}")
    typer.echo("Removed.")


def _id_of(who: str) -> str:
    if "@" not in who:
        return who
    found = ask("GET", "/subscribers", query={"address": who}).told["items"]
    if not found:
        raise Misuse("Nobody has this address.")
    return str(found[0]["id"])
