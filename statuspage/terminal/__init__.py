"""What does an operator do from a terminal, over the API and beside the store?

A noun is a file. Answers go to stdout, questions and what is said beside them to stderr;
with ``--json`` stdout has the API's answer and nothing else.
"""

import typer

from statuspage.terminal import (
    deliveries,
    incidents,
    letters,
    maintenances,
    postmortems,
    subscribers,
    tokens,
)

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Give the ``avviso`` command its nouns."""
    postmortems.add_to(incidents.app)
    app.add_typer(incidents.app, name="incident")
    app.add_typer(maintenances.app, name="maintenance")
    app.add_typer(letters.app, name="letters")
    app.add_typer(deliveries.app, name="deliveries")
    app.add_typer(subscribers.app, name="subscribers")
    app.add_typer(tokens.app, name="token")
