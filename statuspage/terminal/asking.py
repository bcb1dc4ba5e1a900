"""Is the operator sure, when customers are to be written to?

Whom it concerns and what they would read is shown first. Where nobody can be asked, it
must have been said before: ``--yes``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import typer

from statuspage.errors import Misuse, Stop

NOT_SURE = "This writes to customers, and there is no terminal to ask at: add --yes."


def may_ask() -> None:
    """Raises ``Misuse`` where nobody can be asked."""
    if not sys.stdin.isatty():
        raise Misuse(NOT_SURE)


def sure(question: str) -> None:
    """Raises ``Stop`` when the operator is not."""
    if not typer.confirm(question, err=True):
        raise Stop("Nothing was done.")


def show(rehearsed: Mapping[str, Any]) -> None:
    """Whom a word would be written to, and the letters."""
    for letter in rehearsed["letters"]:
        typer.echo(f"--- {letter['language']}: {letter['subject']}", err=True)
        typer.echo(letter["text"], err=True)
    typer.echo(f"--- {whom(rehearsed)}", err=True)
    for finding in rehearsed["findings"]:
        typer.echo(f"{finding['severity']}: {finding['where']}: {finding['text']}", err=True)


def whom(rehearsed: Mapping[str, Any]) -> str:
    """In a sentence."""
    if not rehearsed["letters"]:
        return "Nobody is written to; it stands on the page."
    counts = ", ".join(f"{code} {n}" for code, n in rehearsed["by_language"].items())
    total = rehearsed["total"]
    customers = "customer" if total == 1 else "customers"
    return f"To {total} {customers}" + (f" ({counts})." if counts else ".")
