"""What can be done from a terminal?

Exit codes: 0 done, 1 failed while running, 2 wrong use or configuration. What goes wrong
is a sentence, never a traceback.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from statuspage import log, terminal
from statuspage.errors import Misuse, Stop
from statuspage.garbage import kept_for_good
from statuspage.settings import Mistakes, Settings, load, smallest

app = typer.Typer(
    name="avviso",
    help="The status page and outage notifier that a company is glad to have on its worst day.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
config_app = typer.Typer(help="The configuration file.", no_args_is_help=True)
app.add_typer(config_app, name="config")
terminal.add_to(app)

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="Default: AVVISO_CONFIG, else ./avviso.toml.", dir_okay=False),
]


class ServeRole(StrEnum):
    """What one process of several does."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"


def main() -> None:
    """The ``avviso`` command."""
    try:
        app()
    except Mistakes as wrong:
        for mistake in wrong.mistakes:
            typer.echo(mistake, err=True)
        sys.exit(Misuse.exit_code)
    except Stop as stop:
        typer.echo(stop, err=True)
        sys.exit(stop.exit_code)


@app.command()
def serve(
    config: ConfigFile = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
    role: Annotated[ServeRole, typer.Option(help="Others than all need PostgreSQL.")] = (
        ServeRole.ALL
    ),
) -> None:
    """Run the status page, its checks and its letters."""
    settings = load(config, os.environ)
    if role is not ServeRole.ALL and settings.database.url.get_secret_value().startswith("sqlite"):
        raise Misuse(f"--role {role} needs PostgreSQL: a SQLite store is used by one process.")
    with kept_for_good():  # late: an operator's short commands need not wait for the server
        import uvloop  # noqa: PLC0415

        from statuspage.mailer import mailer_ahead  # noqa: PLC0415
        from statuspage.serving import serve as run_server  # noqa: PLC0415

    log.begin()
    for warning in settings.warnings():
        logging.getLogger("avviso").warning("%s", warning)
    say = _said_ready(host, port)
    with mailer_ahead(settings) if role is ServeRole.ALL else nullcontext() as mailer:
        uvloop.run(run_server(settings, host, port, role.value, mailer=mailer, on_ready=say))


def _said_ready(host: str, port: int) -> Callable[[object], Awaitable[None]]:
    """Whoever has just started it is told where to look, once the store has answered too."""
    where = f"[{host}]" if ":" in host else host

    async def say(_: object) -> None:
        logging.getLogger("avviso").info("Ready: http://%s:%d/", where, port)

    return say


@app.command()
def demo(
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Where it keeps its files.", file_okay=False)
    ] = None,
) -> None:
    """The main job on an embedded default: break a shop and watch."""
    from statuspage.demo import run  # noqa: PLC0415  its libraries are an extra

    log.begin()
    run(port, folder)


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="The file to write.")] = Path("avviso.toml"),
) -> None:
    """Write a smallest, commented configuration."""
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(smallest())
    except FileExistsError:
        raise Misuse(f"{file} is there already; it was left as it is.") from None
    typer.echo(f"Wrote {file}. Next: avviso config check, then avviso serve.")


@config_app.command("check")
def check_config(
    file: Annotated[Path | None, typer.Argument(help="Default: as avviso serve takes it.")] = None,
) -> None:
    """Say every mistake at once; exit 2 where there is one."""
    settings: Settings = load(file, os.environ)
    for warning in settings.warnings():
        typer.echo(f"warning: {warning}", err=True)
    checks = sum(len(component.checks) for component in settings.components)
    parts = f"{_counted(len(settings.components), 'component')}, {_counted(checks, 'check')}"
    typer.echo(f"{parts}: no mistakes.")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
