"""How is an API token made, listed and revoked?

On the store itself, beside a running ``serve`` too: the first token can't come over an API
that needs one. The secret is shown once, alone on the last line.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import tokens
from statuspage.database import Store
from statuspage.errors import Misuse, Problem, Stop
from statuspage.migrations import migrate
from statuspage.settings import load
from statuspage.tables import Token
from statuspage.terminal.printing import table
from statuspage.vocabulary import Scope

app = typer.Typer(help="Tokens for the API.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="What it is for, or whose it is.", show_default=False)]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="Default: AVVISO_CONFIG, else ./avviso.toml.", dir_okay=False),
]
Told = TypeVar("Told")


@app.command()
def create(
    name: Name,
    scope: Annotated[list[Scope], typer.Option("--scope", help="What it may do; repeatable.")],
    user: Annotated[str | None, typer.Option("--user", help="Whose deeds these are.")] = None,
    config: ConfigFile = None,
) -> None:
    """Make a token, and show its secret once."""

    async def made(session: AsyncSession) -> str:
        _, plain = await tokens.create(session, name, scope, user, datetime.now(UTC))
        return plain

    plain = _on_store(config, made)
    typer.echo(f"{name} may: {', '.join(scope)}. This is shown once; keep it like a password.")
    typer.echo(plain)


@app.command("list")
def list_tokens(config: ConfigFile = None) -> None:
    """Every token that was made, without its secret."""
    heads = ("NAME", "BEGINS", "SCOPES", "USER", "MADE", "USED", "REVOKED")
    table(heads, [_row(token) for token in _on_store(config, tokens.every)])


@app.command()
def revoke(name: Name, config: ConfigFile = None) -> None:
    """From now on it opens nothing."""

    async def revoked(session: AsyncSession) -> Token:
        return await tokens.revoke(session, name, datetime.now(UTC))

    _on_store(config, revoked)
    typer.echo(f"{name} opens nothing any more.")


def _row(token: Token) -> tuple[str, ...]:
    times = (token.created_at, token.used_at, token.revoked_at)
    written = (f"{at:%Y-%m-%d %H:%M}Z" if at else "-" for at in times)
    return token.name, f"{token.shown}…", ",".join(token.scopes), token.user or "-", *written


def _on_store(config: Path | None, does: Callable[[AsyncSession], Awaitable[Told]]) -> Told:
    """Do something in one transaction; the tables are made where there are none yet."""
    settings = load(config, os.environ)
    try:
        return asyncio.run(_done(settings.database.url.get_secret_value(), does))
    except Problem as problem:
        raise Misuse(problem.detail) from None
    except (DBAPIError, OSError) as error:
        said = str(getattr(error, "orig", error)).strip().splitlines()
        raise Stop(f"The database does not answer: {said[0] if said else error}") from None


async def _done(url: str, does: Callable[[AsyncSession], Awaitable[Told]]) -> Told:
    store = Store(url)
    try:
        await migrate(store)
        async with store.write() as session:
            return await does(session)
    finally:
        await store.close()
