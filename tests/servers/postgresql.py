"""How does a test get a real PostgreSQL, and fresh databases on it within milliseconds?

The cluster trusts everybody, listens on 127.0.0.1 only, and syncs nothing: its data need not
outlive the test.
"""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import ClassVar

import psycopg

from tests.servers.programs import INITDB, POSTGRES
from tests.servers.server import Server

OWNER = "avviso"
HASTE = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200"),
    *("wal_level=minimal", "max_wal_senders=0"),
    "dynamic_shared_memory_type=mmap",  # in its folder: else what a kill leaves stays in memory
)
_numbers = count(1)


class PostgreSQL(Server):
    """PostgreSQL with one superuser, `avviso`, who needs no password."""

    users: ClassVar = ("postgres",)
    stop_signal: ClassVar = signal.SIGINT  # "fast": ends sessions; SIGTERM would wait for them
    orphan_signal: ClassVar = signal.SIGQUIT  # "immediate": the first process takes its children

    @property
    def dsn(self) -> str:
        """`postgresql://…/postgres`: the database that always exists."""
        return self.url("postgres")

    def url(self, database: str) -> str:
        """Return the address of one database."""
        return f"postgresql://{OWNER}@127.0.0.1:{self.port}/{database}"

    def prepare(self) -> None:
        """Make the cluster."""
        self.run(
            INITDB.path(),
            *("--pgdata", self.folder / "data", "--username", OWNER, "--auth", "trust"),
            *("--encoding", "UTF8", "--no-locale", "--no-sync", "--no-instructions"),
        )

    def command(self) -> Sequence[str | Path]:
        """Serve the cluster, with no socket file: its path may be too long for the kernel."""
        settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", *HASTE)
        options = [word for setting in settings for word in ("-c", setting)]
        return [POSTGRES.path(), "-D", self.folder / "data", "-p", str(self.port), *options]

    def ask(self) -> None:
        """Select one row."""
        self.execute("SELECT 1")

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run one statement, committed at once."""
        with psycopg.connect(self.url(database), autocommit=True, connect_timeout=2) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """A fresh database, empty or as its template is: its address; dropped afterwards,
        whoever is still connected. Its files are copied: to log each page takes four times as long.
        """
        name = f"fresh_{next(_numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")
