"""Is the operator sure, when customers are to be written to?

Whom it concerns and what they would read is shown first. Where nobody can be asked, it
must have been said before: ``--yes``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

import typer

from statuspage.errors import Misuse, Stop

LONGEST = 60
SEVERITIES = ("error", "warning", "hint")
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
    show_findings(rehearsed["findings"])


def show_findings(findings: Iterable[Mapping[str, Any]]) -> None:
    """What the review found, a line each: the gravest first."""
    for one in sorted(findings, key=lambda one: SEVERITIES.index(one["severity"])):
        typer.echo(finding(one), err=True)


def finding(one: Mapping[str, Any]) -> str:
    """``error: what_happened: "Egreggio" → Egregio (This word is in no dictionary.)``."""
    where = one["where"].partition(":")[0]
    said = f' "{shortened(one["text"])}"' if one["text"] else ""
    instead = f" → {one['suggestion']}" if one["suggestion"] else ""
    return f"{one['severity']}: {where}:{said}{instead} ({one['reason']})"


def shortened(text: str) -> str:
    """A line of a terminal has no room for a long sentence."""
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST else f"{flat[:LONGEST]}…"


def whom(rehearsed: Mapping[str, Any]) -> str:
    """In a sentence."""
    if not rehearsed["letters"]:
        return "Nobody is written to; it stands on the page."
    counts = ", ".join(f"{code} {n}" for code, n in rehearsed["by_language"].items())
    total = rehearsed["total"]
    customers = "customer" if total == 1 else "customers"
    return f"To {total} {customers}" + (f" ({counts})." if counts else ".")
