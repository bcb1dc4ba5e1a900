"""Who takes a thousand letters, and knows to the millisecond when it took each?

Postfix's ``smtp-sink``, which writes each letter to a file of its own: the file's time is
that of the acceptance. The files lie in memory, so that no disk stands between. Where only
the pace counts, it keeps nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from tests.servers.ports import answers
from tests.servers.programs import SMTP_SINK
from tests.servers.server import Server

IN_MEMORY = Path("/dev/shm")  # noqa: S108  a folder of our own is made in it


class Sink(Server):
    """A relay that accepts everything."""

    users: ClassVar = ("nobody",)

    def __init__(self) -> None:
        super().__init__()
        self.letters = IN_MEMORY / f"{self.folder.name}-letters"

    @property
    def dsn(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?starttls=never"

    def prepare(self) -> None:
        self.letters.mkdir(mode=0o777)
        self.letters.chmod(0o777)

    def command(self) -> Sequence[str | Path]:
        # 1000: as many conversations may wait to be accepted
        return [SMTP_SINK.path(), "-d", f"{self.letters}/%s.", f"127.0.0.1:{self.port}", "1000"]

    def ask(self) -> None:
        if not answers(self.port):
            raise ConnectionRefusedError

    def count(self) -> int:
        """How many letters were begun."""
        return sum(1 for _ in self.letters.iterdir())

    def accepted(self) -> list[float]:
        """When each letter was taken, in seconds since 1970, the first first."""
        return sorted(file.stat().st_mtime for file in self.letters.iterdir())

    def close(self) -> None:
        super().close()
        shutil.rmtree(self.letters, ignore_errors=True)


class Drain(Server):
    """A relay that accepts everything and keeps nothing, as fast as it can."""

    users: ClassVar = ("nobody",)

    @property
    def dsn(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?starttls=never"

    def command(self) -> Sequence[str | Path]:
        return [SMTP_SINK.path(), f"127.0.0.1:{self.port}", "1000"]

    def ask(self) -> None:
        if not answers(self.port):
            raise ConnectionRefusedError
