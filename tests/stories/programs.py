"""Which programs run in a story beside the real servers: the shop, and Avviso itself.

Both are started as a user would start them: a process of their own, told to stop by SIGTERM.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.servers import plain
from tests.servers.server import Server


class OwnProgram(Server):
    """A program of this checkout. It runs as the user who runs the tests: a checkout may lie in a
    folder that nobody else enters.
    """

    def __init__(self) -> None:
        super().__init__()
        self.user = None

    @property
    def dsn(self) -> str:
        """`http://127.0.0.1:port`."""
        return f"http://127.0.0.1:{self.port}"


class Shop(OwnProgram):
    """The company's shop; the database that it asks is given by its address."""

    def __init__(self, database: str) -> None:
        super().__init__()
        self.database = database

    def command(self) -> Sequence[str | Path]:
        return [sys.executable, Path(__file__).with_name("shop.py"), str(self.port), self.database]

    def ask(self) -> None:
        plain.get(self.dsn).raise_for_status()


class Avviso(OwnProgram):
    """`avviso serve` with a configuration of the story's."""

    def __init__(self) -> None:
        super().__init__()
        self.exit_code: int | None = None

    @property
    def configuration(self) -> Path:
        return self.folder / "avviso.toml"

    def configure(self, text: str) -> None:
        """Write the configuration; it is read at the next start."""
        self.configuration.write_text(text, encoding="utf-8")

    def command(self) -> Sequence[str | Path]:
        return [*self.line("serve"), "--port", str(self.port)]

    def line(self, *words: str) -> list[str | Path]:
        """A command line of `avviso` with this configuration."""
        return [sys.executable, "-m", "statuspage", *words, "--config", self.configuration]

    def ask(self) -> None:
        """It is alive; whether its store is there is the story's affair."""
        plain.get(f"{self.dsn}/healthz").raise_for_status()

    def terminate(self) -> tuple[int, float]:
        """Tell it to end, by SIGTERM; its exit code, and the seconds that it took."""
        assert self._process is not None
        process, began = self._process, time.monotonic()
        self.stop()
        return process.returncode, time.monotonic() - began

    def die(self) -> None:
        """Kill its first process, as the kernel would; what it started must end with it."""
        group = self.pid
        os.kill(group, signal.SIGKILL)
        _wait_until_nobody_is_left(group)
        self._reap()

    def command_line(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `avviso` beside it to its end; with "serve", on any free port."""
        return subprocess.run(
            self.line(*words),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )


def _wait_until_nobody_is_left(group: int, seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while living := _living(group):
        assert time.monotonic() < deadline, f"still alive after their parent: {living}"
        time.sleep(0.01)


def _living(group: int) -> list[str]:
    """The command lines of a group's processes that are no zombies."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            state, _, leader = (process / "stat").read_text().rpartition(")")[2].split()[:3]
            if int(leader) == group and state != "Z":
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
    return found
