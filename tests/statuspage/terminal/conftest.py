"""How do the tests type a command, and what answers it?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import cache

import pytest
import typer
from typer import testing
from typer.main import get_command
from typer.testing import CliRunner

from statuspage import terminal
from statuspage.errors import Stop
from statuspage.terminal import asking
from statuspage.vocabulary import Scope
from tests.statuspage.api.world import World, open_world
from tests.statuspage.serving import served


@dataclass(frozen=True)
class Said:
    """What the terminal showed, and the exit code."""

    code: int
    out: str
    err: str


@cache
def _app() -> typer.Typer:
    app = typer.Typer(pretty_exceptions_enable=False)
    terminal.add_to(app)
    return app


read_once = cache(get_command)
"""All the functions' signatures: to read them takes longer than most commands take."""


@dataclass
class Shell:
    """A terminal with its environment; ``types`` is what somebody types at a question, None
    where nobody can be asked."""

    environment: dict[str, str] = field(default_factory=dict)

    async def __call__(self, *words: str, types: str | None = None) -> Said:
        # the commands wait on the network, and the server is in this loop
        return await asyncio.to_thread(self.run, *words, types=types)

    def run(self, *words: str, types: str | None = None) -> Said:
        with pytest.MonkeyPatch.context() as patch:
            for name in ("AVVISO_URL", "AVVISO_TOKEN", "AVVISO_CONFIG"):
                patch.delenv(name, raising=False)
            patch.setattr(testing, "_get_command", read_once)
            if types is not None:
                patch.setattr(asking, "may_ask", lambda: None)
            done = CliRunner().invoke(_app(), words, input=types, env=self.environment)
        if isinstance(done.exception, Stop):
            return Said(done.exception.exit_code, done.stdout, str(done.exception))
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Said(done.exit_code, done.stdout, done.stderr)


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    async with open_world(sqlite_url) as opened:
        yield opened


@pytest.fixture
async def avviso(world: World) -> AsyncIterator[Shell]:
    """The terminal of an operator who may do all, and a server that answers."""
    token = await world.token(Scope.ADMIN, name="anna")
    async with served(world.app) as serving:
        yield Shell({"AVVISO_URL": serving.url, "AVVISO_TOKEN": token})
