"""How does an operator say what we learned, and keep what was promised?

A postmortem is written in an editor, not in a shell's line: it comes from a file, TOML or
JSON. Whoever has no file yet gets one to fill in.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from statuspage.errors import Misuse
from statuspage.terminal import asking, spoken
from statuspage.terminal.connection import Reply, ask, part
from statuspage.terminal.incidents import Id
from statuspage.terminal.printing import AsJson, Yes

PIECE = 2000
"""So many codes fit into one body."""
FORM = '''\
# What we learned. Fill in, then: avviso incident postmortem {id} --file FILE
what_happened = """

"""
what_we_did = """

"""
how_we_prevent_it = """

"""
# language = "en"

# What changes, and by which day; each gets its mark with: avviso incident action-done {id} N
# [[actions]]
# text = ""
# due = 2026-12-24

# What customers get: "applied" by us, or a "code" each (avviso incident codes {id} FILE)
# [credit]
# kind = "applied"
# text = ""

# [translations.it]
# what_happened = ""
# what_we_did = ""
# how_we_prevent_it = ""
'''
Form = Annotated[
    Path | None,
    typer.Option("--file", help="TOML or JSON; without one, a form to fill in is printed."),
]


def add_to(app: typer.Typer) -> None:
    """Give ``avviso incident`` what comes after its end."""
    app.command("postmortem")(postmortem)
    app.command("action-done")(action_done)
    app.command("codes")(codes)
    app.command("recipients")(recipients)


def postmortem(
    id: Id,
    file: Form = None,
    override: spoken.Override = False,
    yes: Yes = False,
    dry_run: spoken.DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Say what we learned to those who were told; again: correct it on the page."""
    if file is None:
        typer.echo(FORM.format(id=id), nl=False)
        return
    path = f"/incidents/{part(id)}/postmortem"
    said = _read(file) | ({"override": True} if override else {})
    reply = spoken.say(path, said, yes=yes, dry_run=dry_run, method="PUT")
    if reply is not None:
        told = reply.told
        _tell(reply, f"Published: {told['name']}. {told['url']}", as_json)
        if not told["letters_follow"]:
            typer.echo("It stands on the page; nobody is written to once more.", err=True)
        n = told["postmortem"]["update_n"]
        typer.echo(f"To take it back: avviso incident withdraw {told['id']} {n}", err=True)


def action_done(
    id: Id,
    n: Annotated[int, typer.Argument(help="Which action, as the incident counts them.", min=1)],
    undo: Annotated[bool, typer.Option("--undo", help="It is not done after all.")] = False,
    yes: Yes = False,
    dry_run: spoken.DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Mark what was promised as done; with the last one, customers hear of it."""
    path = f"/incidents/{part(id)}/postmortem/actions/{n}/done"
    if undo:
        _tell(ask("DELETE", path), f"Action {n} is not done.", as_json)
        return
    if dry_run or not yes:
        rehearsed = ask("POST", path, query={"dry_run": "true"}).told
        if dry_run:
            asking.show(rehearsed)
            return
        _be_sure(rehearsed)
    _tell(ask("POST", path), f"Action {n} is done.", as_json)


def _be_sure(rehearsed: Any) -> None:
    """Only the last one writes to customers; the others are nothing to ask about."""
    if rehearsed["letters"]:
        asking.may_ask()
        asking.show(rehearsed)
        asking.sure("Say it?")


def codes(
    id: Id,
    file: Annotated[
        Path | None, typer.Argument(help="One code a line; - is stdin. None: only count.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Those that nobody has.")] = False,
    as_json: AsJson = False,
) -> None:
    """Upload the codes that a postmortem gives, one for each customer."""
    path = f"/incidents/{part(id)}/postmortem/codes"
    if remove:
        reply = ask("DELETE", path)
    elif file is None:
        reply = ask("GET", path)
    else:
        reply = [ask("POST", path, {"codes": some}) for some in _pieces(_lines(file))][-1]
    told = reply.told
    sentence = f"{told['free']} free, {told['bound']} given; {told['needed']} customers have none."
    _tell(reply, sentence, as_json)


def recipients(id: Id) -> None:
    """Who was told, as CSV, for those who write the bills."""
    typer.echo(ask("GET", f"/incidents/{part(id)}/recipients.csv").text, nl=False)


def _tell(reply: Reply, sentence: str, as_json: bool) -> None:
    typer.echo(reply.text if as_json else sentence)


def _lines(file: Path) -> list[str]:
    """Raises ``Misuse`` for a file without any."""
    found = [line.strip() for line in _text(file).splitlines() if line.strip()]
    if not found:
        raise Misuse(f"{file} holds no code.")
    return found


def _pieces(codes: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(codes), PIECE):
        yield list(codes[start : start + PIECE])


def _read(file: Path) -> dict[str, Any]:
    """A table as the API takes it. Raises ``Misuse`` with the place of a slip."""
    try:
        read = json.loads(_text(file)) if file.suffix == ".json" else tomllib.loads(_text(file))
    except ValueError as error:
        raise Misuse(f"{file}: {error}") from None
    if not isinstance(read, dict):
        raise Misuse(f"{file} holds no table.")
    return {name: _plain(value) for name, value in read.items()}


def _text(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise Misuse(f"{file} cannot be read: {error}") from None


def _plain(value: Any) -> Any:
    """TOML knows days, JSON does not."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
