"""How does a real server run under a test, and surely end with it?

A server is a process group of its own, in a folder of its own, as an unprivileged user of its own
when the tests are root (PostgreSQL refuses root, and a bug must not be root's either). Rules that
hold here: the port stays the same from `start` to the next `start`; a server is ready when it
answered a real request; `stop` returns when connections are refused.

Three things end a server: `close`, the end of the interpreter, and, should the test process be
killed, the kernel (`belongings.as_child`).
"""

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import time
import weakref
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Self

from tests.servers.belongings import as_child, own_folder, processes_of, sweep_folders, unprivileged
from tests.servers.ports import answers, free_port

DEADLINE = 30.0  # seconds; a machine under load is slow, a server that is broken says so at once
_running: weakref.WeakSet["Server"] = weakref.WeakSet()


class Server(ABC):
    """A real server on 127.0.0.1. Made stopped; a context manager starts and closes it.

    :ivar port: the TCP port, the same over stops and starts
    :ivar folder: everything the server writes; gone after `close`
    """

    users: ClassVar[tuple[str, ...]] = ("nobody",)
    orphan_signal: ClassVar[signal.Signals] = signal.SIGKILL
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self) -> None:
        sweep_folders()
        self.user = unprivileged(self.users)
        self.port = free_port()
        self.folder = own_folder(self.user)
        self._process: subprocess.Popen[bytes] | None = None
        self._prepared = False

    @property
    @abstractmethod
    def dsn(self) -> str:
        """The address for a client, without a database's name where servers have several."""

    @abstractmethod
    def command(self) -> Sequence[str | Path]:
        """The command line, staying in the foreground."""

    @abstractmethod
    def ask(self) -> None:
        """Make one real request; raise if it is not answered."""

    def prepare(self) -> None:  # noqa: B027 - most servers need nothing
        """What is done once, before the first start: a cluster, a configuration."""

    def start(self) -> Self:
        """Start, and return once a real request was answered. Twice is harmless."""
        if self.running:
            return self
        if not self._prepared:
            self.prepare()
            self._prepared = True
        self._process = self._spawn()
        _running.add(self)
        self._wait_until_ready()
        return self

    def stop(self) -> None:
        """End the server as an administrator would; afterwards connections are refused."""
        if self._process is not None:
            self._process.send_signal(self.stop_signal)
            self._reap()

    def kill(self) -> None:
        """End the server as a power cut would (SIGKILL to all of its processes)."""
        if self._process is not None:
            _signal_group(self._process.pid, signal.SIGKILL)
            self._reap()

    def close(self) -> None:
        """Kill the server and remove its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def running(self) -> bool:
        """Whether the server's first process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def owner(self) -> str:
        """The name of the user that the server runs as."""
        return (self.user or pwd.getpwuid(os.geteuid())).pw_name

    @property
    def pid(self) -> int:
        """The server's first process, which leads its group."""
        assert self._process is not None, "not started"
        return self._process.pid

    def run(self, *command: str | Path) -> None:
        """Run a command of the server's package to its end, as the server's user.

        :raises RuntimeError: with what the command said, if it failed.
        """
        done = subprocess.run(
            [*as_child(self.user, signal.SIGKILL), *command],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {done.stdout.decode(errors='replace')}")

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file into the folder, readable by the server's user."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def log(self) -> str:
        """What the server printed since it was made."""
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _environment(self) -> dict[str, str]:
        """Home and temporary folder are the server's own, so that both end with it."""
        return {**os.environ, "HOME": str(self.folder), "TMPDIR": str(self.folder)}

    def _spawn(self) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [*as_child(self.user, self.orphan_signal), *self.command()],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + DEADLINE
        while True:
            try:
                return self.ask()
            except Exception as not_yet:
                if not self.running or time.monotonic() > deadline:
                    self.kill()
                    raise RuntimeError(
                        f"{type(self).__name__} does not answer:\n{self.log()}"
                    ) from not_yet
            time.sleep(0.02)

    def _reap(self) -> None:
        """Wait for the first process, then end what its group left, then for the port."""
        assert self._process is not None
        try:
            self._process.wait(DEADLINE)
        finally:
            _signal_group(self._process.pid, signal.SIGKILL)
            group = self._process.pid
            self._process.wait()
            self._process = None
            _running.discard(self)
        _wait_until_dead(group)
        _wait_until_refused(self.port)


@atexit.register
def _close_all() -> None:
    for server in list(_running):
        server.close()


def _signal_group(leader: int, number: signal.Signals) -> None:
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return  # nobody of the group is left


def _wait_until_dead(group: int) -> None:
    """A process that was killed lives on for as long as the kernel lets it wait."""
    deadline = time.monotonic() + DEADLINE
    while left := processes_of(group):
        if time.monotonic() > deadline:
            raise RuntimeError(f"processes {left} outlive their group's end")
        time.sleep(0.01)


def _wait_until_refused(port: int) -> None:
    deadline = time.monotonic() + DEADLINE
    while answers(port):
        if time.monotonic() > deadline:
            raise RuntimeError(f"something still answers on port {port}")
        time.sleep(0.01)
