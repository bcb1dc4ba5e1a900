"""What did the operator type, and what does that say to the API?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from notifications import commands
from statuspage.errors import Misuse
from statuspage.terminal import asking
from statuspage.terminal.connection import Reply, ask
from statuspage.vocabulary import Impact, Phase, Status

Text = Annotated[str | None, typer.Argument(help="What happened, in a sentence for customers.")]
Doing = Annotated[str | None, typer.Option("--doing", help="What we are doing.")]
Prevent = Annotated[str | None, typer.Option("--prevent", help="How we prevent a repeat.")]
ImpactOption = Annotated[Impact | None, typer.Option("--impact", help="How much it hurts.")]
PhaseOption = Annotated[Phase | None, typer.Option("--status", help="Where the incident stands.")]
Next = Annotated[str | None, typer.Option("--next", help='When customers hear next, like "30m".')]
Lang = Annotated[str | None, typer.Option("--lang", help="The language of the texts.")]
Warm = Annotated[bool, typer.Option("--warm", help="A light sentence more; not at critical.")]
Notify = Annotated[bool, typer.Option(help="Write to customers, or only on the page.")]
Override = Annotated[
    bool, typer.Option("--override", help="Although the review refuses it; the audit remembers.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be sent.")]

REFUSED = "Nothing was said: change what is an error above, or add --override."
Parts = dict[str, str]
_STATUSES = ", ".join(Status)


def body(**fields: Any) -> dict[str, Any]:
    """What was said; what was not is left out."""
    return {
        name: value for name, value in fields.items() if value is not None and value not in ({}, "")
    }


def components(named: Iterable[str]) -> dict[str, str | None]:
    """``shop,blog=degraded_performance`` as ids with what was said of each."""
    found: dict[str, str | None] = {}
    for one in ",".join(named).split(","):
        id, separator, status = (text.strip() for text in one.partition("="))
        if separator and status not in set(Status):
            raise Misuse(f"{status!r} is no status of a component; there are: {_STATUSES}.")
        if id:
            found[id] = status or None
    return found


def ended(text: str | None, doing: str | None, lang: str | None, *, false_alarm: bool) -> Parts:
    """What happened and what we do, in the last word: where one is not said, a ready sentence in
    the language of the other, which is the site's own where none is named.
    """
    if text and doing:
        return {"what_happened": text, "what_we_are_doing": doing}
    language = lang or ask("GET", "/site").told["languages"][0]
    ready = commands.ready("false_alarm" if false_alarm else "resolved", language)
    said = {"what_happened": text, "what_we_are_doing": doing}
    return {part: said[part] or ready[part] for part in ready}


def say(
    path: str,
    said: Mapping[str, Any] | None,
    *,
    yes: bool,
    dry_run: bool,
    method: str = "POST",
    query: Mapping[str, str] | None = None,
) -> Reply | None:
    """Say it, after showing to whom; None when that was all that was wished."""
    writes = (said or {}).get("notify", True)
    if dry_run or (writes and not yes):
        if not dry_run:
            asking.may_ask()
        rehearsed = ask(method, path, said, {**(query or {}), "dry_run": "true"})
        asking.show(rehearsed.told)
        if dry_run:
            return None
        if rehearsed.told["needs_override"]:
            raise Misuse(REFUSED)
        asking.sure("Say it?")
        return ask(method, path, said, query)
    reply = ask(method, path, said, query)
    if findings := reply.told.get("findings"):
        typer.echo("It is said. For the next word:", err=True)
        asking.show_findings(findings)
    return reply
