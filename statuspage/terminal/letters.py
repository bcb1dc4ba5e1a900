"""How are an incident's letters halted, and let go?"""

from __future__ import annotations

import typer

from statuspage.terminal import asking
from statuspage.terminal.connection import ask, part
from statuspage.terminal.incidents import Id
from statuspage.terminal.printing import AsJson, Yes, halted

app = typer.Typer(help="Halt letters, or let them go.", no_args_is_help=True)


@app.command()
def stop(id: Id, as_json: AsJson = False) -> None:
    """Halt what is on its way to customers; it asks nothing, for it may be urgent."""
    reply = ask("POST", f"/incidents/{part(id)}/letters/stop")
    typer.echo(reply.text if as_json else halted("Stopped", reply.told))


@app.command()
def release(id: Id, yes: Yes = False, as_json: AsJson = False) -> None:
    """Let letters go that were held."""
    if not yes:
        asking.may_ask()
        told = ask("GET", f"/incidents/{part(id)}").told
        touched = ", ".join(told["components"])
        typer.echo(f"{told['name']}: to everybody who is told of {touched}.", err=True)
        asking.sure("Let the letters go?")
    reply = ask("POST", f"/incidents/{part(id)}/letters/release")
    typer.echo(reply.text if as_json else f"Released: {reply.told['name']}.")
