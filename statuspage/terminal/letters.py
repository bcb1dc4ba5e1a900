"""How are an incident's letters halted and let go, and a word read before it is said?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from statuspage.terminal import asking, spoken
from statuspage.terminal.connection import ask, part
from statuspage.terminal.incidents import Id
from statuspage.terminal.printing import AsJson, Yes, halted, when
from statuspage.vocabulary import Phase

app = typer.Typer(help="Halt letters, let them go, or read one before.", no_args_is_help=True)
LetterId = Annotated[
    str, typer.Argument(metavar="ID", help="As `avviso letters waiting` tells it.")
]


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


@app.command()
def review(
    text: spoken.Text = None,
    doing: spoken.Doing = None,
    prevent: spoken.Prevent = None,
    incident: Annotated[
        str | None, typer.Option("--incident", help="Hold it against this one's record.")
    ] = None,
    impact: spoken.ImpactOption = None,
    status: Annotated[
        Phase | None, typer.Option("--status", help="Where the incident will stand.")
    ] = None,
    component: Annotated[
        list[str] | None, typer.Option("--component", help="What it is about.")
    ] = None,
    next_word: spoken.Next = None,
    lang: spoken.Lang = None,
    as_json: AsJson = False,
) -> None:
    """What an attentive colleague would mark. Nothing is sent, and nothing is kept."""
    said = spoken.body(
        components=spoken.components(component or []),
        what_happened=text,
        what_we_are_doing=doing,
        how_we_prevent_it=prevent,
        incident=incident,
        impact=impact,
        status=status,
        next_update_in=next_word,
        language=lang or ask("GET", "/site").told["languages"][0],
    )
    reply = ask("POST", "/letters/review", said)
    if as_json:
        typer.echo(reply.text)
    else:
        asking.show_findings(reply.told["findings"])
        typer.echo(_summed_up(reply.told["findings"]))


@app.command()
def waiting(as_json: AsJson = False) -> None:
    """Letters of others that wait for a second reader."""
    reply = ask("GET", "/letters?waiting=true")
    if as_json:
        typer.echo(reply.text)
        return
    for one in reply.told["items"]:
        typer.echo(f"{one['id']}  by {one['author']}, leaves at {when(one['leaves_at'])}")
    if not reply.told["items"]:
        typer.echo("No letter waits for a second reader.")


@app.command()
def show(id: LetterId, as_json: AsJson = False) -> None:
    """The exact letters, in each language, and how many get them."""
    reply = ask("GET", f"/letters/{part(id)}")
    if as_json:
        typer.echo(reply.text)
        return
    for letter in reply.told["letters"]:
        typer.echo(f"--- {letter['language']}: {letter['subject']}\n{letter['text']}")
    typer.echo(f"--- {asking.whom(reply.told)} By {reply.told['author']}.")


@app.command()
def approve(id: LetterId, yes: Yes = False, as_json: AsJson = False) -> None:
    """You have read another's letter: it leaves in half a minute."""
    if not yes:
        asking.may_ask()
        asking.show({**ask("GET", f"/letters/{part(id)}").told, "findings": []})
        asking.sure("Let it go?")
    reply = ask("POST", f"/letters/{part(id)}/approve")
    typer.echo(reply.text if as_json else f"It leaves at {when(reply.told['leaves_at'])}.")


def _summed_up(findings: Sequence[Mapping[str, Any]]) -> str:
    if not findings:
        return "Nothing to say against it."
    errors = sum(one["severity"] == "error" for one in findings)
    remarks = "1 remark" if len(findings) == 1 else f"{len(findings)} remarks"
    if not errors:
        return f"{remarks}; it may be said as it stands."
    return f'{remarks}, {errors} of them errors: from "identified" on it is refused as it stands.'
