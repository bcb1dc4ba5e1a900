"""How does a real server run under a test, and surely end with it?

A server is a process group of its own, in a folder of its own, as an unprivileged user of its own
when the tests are root (PostgreSQL refuses root, and a bug must not be root's either). Rules that
hold here: the port stays the same from `start` to the next `start`; a server is ready when it
answered a real request; `stop` returns when connections are refused.

Three things end a server: `close`, the end of the interpreter, and, should the test process be
killed, the kernel (`PR_SET_PDEATHSIG`). Folders that a killed run left are swept by the next.
"""

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import weakref
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Self

from tests.servers.ports import answers, free_port

PREFIX = "avviso-test-"
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
        self.user = _unprivileged(self.users)
        self.port = free_port()
        self.folder = _own_folder(self.user)
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
    def pid(self) -> int:
        """The server's first process, which leads its group."""
        assert self._process is not None, "not started"
        return self._process.pid

    def run(self, *command: str | Path) -> None:
        """Run a command of the server's package to its end, as the server's user.

        :raises RuntimeError: with what the command said, if it failed.
        """
        done = subprocess.run(
            [*_as_child(self.user, signal.SIGKILL), *command],
            cwd=self.folder,
            env={**os.environ, "HOME": str(self.folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {done.stdout.decode(errors='replace')}")

    def write(self, name: str, text: str) -> Path:
        """Write a file into the folder, readable by the server's user."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def log(self) -> str:
        """What the server printed since it was made."""
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _spawn(self) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [*_as_child(self.user, self.orphan_signal), *self.command()],
                cwd=self.folder,
                env={**os.environ, "HOME": str(self.folder)},
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
            self._process.wait()
            self._process = None
            _running.discard(self)
        _wait_until_refused(self.port)


def sweep_folders() -> None:
    """Remove the folders of test processes that are gone (a killed run can't clean up)."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if not Path("/proc", owner).exists():
            shutil.rmtree(folder, ignore_errors=True)


@atexit.register
def _close_all() -> None:
    for server in list(_running):
        server.close()


def _unprivileged(users: tuple[str, ...]) -> pwd.struct_passwd | None:
    """The first of these users that exists; None when the tests are not root, and can't switch."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in (*users, "nobody") if name in known)


def _own_folder(user: pwd.struct_passwd | None) -> Path:
    """Make a folder that only its user enters; not in pytest's, which is closed to other users."""
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folder


def _as_child(user: pwd.struct_passwd | None, orphan_signal: signal.Signals) -> list[str]:
    """The words before a command that give it its user, and its end when the test process ends.

    The kernel means the parent *thread*: start servers from the main thread. Not `preexec_fn`:
    newer Pythons warn of it in a process with threads, and warnings are errors here.
    """
    words = ["setpriv", "--pdeathsig", orphan_signal.name.removeprefix("SIG")]
    if user is not None:
        words += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return [*words, "--"]


def _signal_group(leader: int, number: signal.Signals) -> None:
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return  # nobody of the group is left


def _wait_until_refused(port: int) -> None:
    deadline = time.monotonic() + DEADLINE
    while answers(port):
        if time.monotonic() > deadline:
            raise RuntimeError(f"something still answers on port {port}")
        time.sleep(0.01)
