"""How does a command work on the store itself, beside a running ``serve`` too?

A module of its own, imported by the few commands that need it: to load SQLAlchemy takes longer
than all that the other commands do.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import tokens
from statuspage.database import Store
from statuspage.errors import Misuse, Problem, Stop
from statuspage.migrations import migrate
from statuspage.settings import load
from statuspage.tables import Token
from statuspage.vocabulary import Scope

Told = TypeVar("Told")


def made(config: Path | None, name: str, scopes: Sequence[Scope], user: str | None) -> str:
    """A new token's secret."""

    async def make(session: AsyncSession) -> str:
        _, plain = await tokens.create(session, name, scopes, user, datetime.now(UTC))
        return plain

    return _on_store(config, make)


def every(config: Path | None) -> Sequence[Token]:
    return _on_store(config, tokens.every)


def revoke(config: Path | None, name: str) -> None:
    async def revoked(session: AsyncSession) -> Token:
        return await tokens.revoke(session, name, datetime.now(UTC))

    _on_store(config, revoked)


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
