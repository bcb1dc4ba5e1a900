"""How is an API token made, listed and revoked?

On the store itself: the first token can't come over an API that needs one. The secret is
shown once, alone on the last line.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from statuspage.terminal.printing import table
from statuspage.vocabulary import Scope

app = typer.Typer(help="Tokens for the API.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="What it is for, or whose it is.", show_default=False)]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="Default: AVVISO_CONFIG, else ./avviso.toml.", dir_okay=False),
]


@app.command()
def create(
    name: Name,
    scope: Annotated[list[Scope], typer.Option("--scope", help="What it may do; repeatable.")],
    user: Annotated[str | None, typer.Option("--user", help="Whose deeds these are.")] = None,
    config: ConfigFile = None,
) -> None:
    """Make a token, and show its secret once."""
    from statuspage.terminal import own_store  # noqa: PLC0415  see there

    plain = own_store.made(config, name, scope, user)
    typer.echo(f"{name} may: {', '.join(scope)}. This is shown once; keep it like a password.")
    typer.echo(plain)


@app.command("list")
def list_tokens(config: ConfigFile = None) -> None:
    """Every token that was made, without its secret."""
    from statuspage.terminal import own_store  # noqa: PLC0415  see there

    heads = ("NAME", "BEGINS", "SCOPES", "USER", "MADE", "USED", "REVOKED")
    rows = []
    for one in own_store.every(config):
        times = map(_written, (one.created_at, one.used_at, one.revoked_at))
        rows.append((one.name, f"{one.shown}…", ",".join(one.scopes), one.user or "-", *times))
    table(heads, rows)


@app.command()
def revoke(name: Name, config: ConfigFile = None) -> None:
    """From now on it opens nothing."""
    from statuspage.terminal import own_store  # noqa: PLC0415  see there

    own_store.revoke(config, name)
    typer.echo(f"{name} opens nothing any more.")


def _written(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z" if at else "-"
