"""Whose turn is it to write to SQLite's file?

SQLite's own way to wait is to look now and then, ever more seldom: whoever writes all the time, as
a fan-out does, then keeps the probes of another process waiting for seconds. Here writers queue,
the tasks of a process and the processes of a machine. Of processes one writes and one stands
next, each known by a lock on a file, so whoever has just written can't overtake whoever waits;
and the kernel frees what a killed one held. It is a courtesy, and SQLite's own locks stay the law:
where the files can't be had, or a turn does not come in time, we go on without.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from pathlib import Path
from types import TracebackType

_LOOK_AGAIN_S = 0.001


class Turns:
    """One's own place in the queue for a file; ``async with`` is a turn.

    :param patience_s: after so long we go on without.
    """

    def __init__(self, file: Path, patience_s: float) -> None:
        self._ours, self._patience_s = asyncio.Lock(), patience_s
        self._writes, self._next = (_Lock(Path(f"{file}-{name}")) for name in ("turn", "next"))

    async def __aenter__(self) -> None:
        await self._ours.acquire()
        try:
            await self._take()
        except BaseException:
            self._ours.release()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writes.free()
        self._ours.release()

    async def _take(self) -> None:
        deadline = asyncio.get_running_loop().time() + self._patience_s
        try:
            if await _take(self._next, deadline):
                await _take(self._writes, deadline)
        finally:
            self._next.free()

    def close(self) -> None:
        self._writes.close()
        self._next.close()


async def _take(lock: _Lock, deadline: float) -> bool:
    """Whether it was to be had in time."""
    time = asyncio.get_running_loop().time
    while not lock.take():
        if time() > deadline:
            return False
        await asyncio.sleep(_LOOK_AGAIN_S)
    return True


class _Lock:
    """A lock that processes see: flock(2), held by an open file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self) -> bool:
        """Whether nobody else has it now; also where there can be none."""
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            pass
        return True

    def free(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
