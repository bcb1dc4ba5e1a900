"""Who is a worker, and which workers of this machine are dead?

A worker's name says where it lives and which process it is. Whoever starts on the same
machine can then give back what a killed one still holds, instead of waiting for its claims
to lapse. Rule: of what lives elsewhere (another machine, another container) nothing is known,
so its claims lapse by themselves.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
from functools import cache
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_PIDS = Path("/proc/self/ns/pid")


def new_name() -> str:
    """``host-place:pid:token``: no other process has it, nor ever had."""
    return f"{place()}:{os.getpid()}:{secrets.token_hex(4)}"


@cache
def place() -> str:
    """Where a process number means the same process: this host, since it was started, seen
    from this container (two of them may share a host's name, but not their process numbers).
    """
    host = socket.gethostname()
    seen = "\0".join((host, _read(_BOOT), _link(_PIDS)))
    return f"{host}-{hashlib.sha256(seen.encode()).hexdigest()[:8]}"


def is_dead(name: str, *, me: str) -> bool:
    """Whether this worker can be known to be gone. One with our own process number and another
    token had it before us: in a container every start has the same.
    """
    where, _, rest = name.partition(":")
    number, _, _ = rest.partition(":")
    if where != place() or not number.isdecimal() or name.startswith(me):
        return False
    return int(number) == os.getpid() or not _is_running(int(number))


def _is_running(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""
