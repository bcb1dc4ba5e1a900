"""As whom does a test's server run, where does it write, and what ends it with its test?

Folders lie in the system's temporary folder, not in pytest's, which is closed to other users.
Each bears the number of the process that made it: what a killed run left, the next one sweeps.
Where there is room they lie in memory: a database server makes hundreds of small files, which
a disk takes half a second for, and each test has a database of its own.
"""

import os
import pwd
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PREFIX = "avviso-test-"
MEMORY = Path("/dev/shm")  # noqa: S108 - what is made in it is its maker's alone
MEMINFO = Path("/proc/meminfo")
ENOUGH = 3 << 30
"""Bytes; a whole run takes a fraction of it."""


def write_to_memory() -> None:
    """From now on this process, and those that it starts, make temporary folders in memory, unless
    somebody chose a place (`TMPDIR`), there is little room, or nothing could be executed there.

    In a folder of our own: PostgreSQL and Chromium keep what they share beside it.
    """
    if "TMPDIR" in os.environ or not _has_room(MEMORY):
        return
    folder = MEMORY / f"avviso-tests-of-{os.geteuid()}"
    with suppress(FileExistsError):
        folder.mkdir()
        folder.chmod(0o1777)  # servers run as users of their own
    if folder.owner() == pwd.getpwuid(os.geteuid()).pw_name and not folder.is_symlink():
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def _has_room(place: Path) -> bool:
    try:
        disk = os.statvfs(place)
        free = int(re.findall(r"MemAvailable:\s+(\d+) kB", MEMINFO.read_text())[0]) << 10
    except (OSError, IndexError):
        return False
    room = min(free, disk.f_bavail * disk.f_frsize)
    return room > ENOUGH and not disk.f_flag & os.ST_NOEXEC and os.access(place, os.W_OK)


def unprivileged(users: tuple[str, ...]) -> pwd.struct_passwd | None:
    """The first of these users that exists; None when the tests are not root, and can't switch."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in (*users, "nobody") if name in known)


def own_folder(user: pwd.struct_passwd | None) -> Path:
    """Make a folder that only its user (and root) enters."""
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folder


def sweep_folders() -> None:
    """Remove the folders of test processes that are gone (a killed run can't clean up)."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if not Path("/proc", owner).exists():
            shutil.rmtree(folder, ignore_errors=True)


def as_child(user: pwd.struct_passwd | None, orphan_signal: signal.Signals) -> list[str]:
    """The words before a command that give it its user, and its end when the test process ends.

    The kernel means the parent *thread*: start servers from the main thread. Not `preexec_fn`:
    newer Pythons warn of it in a process with threads, and warnings are errors here.
    """
    words = ["setpriv", "--pdeathsig", orphan_signal.name.removeprefix("SIG")]
    if user is not None:
        words += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return [*words, "--"]


def processes_of(group: int) -> list[int]:
    """Return the living processes of a group (a zombie is dead: only its parent owes a look)."""
    return [pid for pid, its_group, state in _processes() if its_group == group and state != "Z"]


def _processes() -> Iterator[tuple[int, int, str]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, its_group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        yield int(folder.name), int(its_group), state
