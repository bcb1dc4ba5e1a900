"""How does a test get a real MariaDB, which also stands for MySQL?

It knows a user `monitor` with the password `secret`, as a company would make one for its checks,
and a database `shop` with a table `orders` of one row.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import pymysql

from tests.servers.programs import MARIADB, MARIADB_INSTALL
from tests.servers.server import Server

USER, PASSWORD, DATABASE = "monitor", "secret", "shop"

# Read at every start, so each line must bear being repeated.
FIRST_WORDS = f"""
CREATE USER IF NOT EXISTS '{USER}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';
CREATE DATABASE IF NOT EXISTS {DATABASE};
GRANT ALL ON *.* TO '{USER}'@'127.0.0.1';
CREATE TABLE IF NOT EXISTS {DATABASE}.orders (id INT PRIMARY KEY);
INSERT IGNORE INTO {DATABASE}.orders VALUES (1);
"""  # noqa: S608 - the names are the constants above


class MariaDB(Server):
    """MariaDB; root has no password and no way in from outside."""

    users: ClassVar = ("mysql",)

    @property
    def dsn(self) -> str:
        """`mysql://monitor:secret@…/shop`."""
        return f"mysql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{DATABASE}"

    def prepare(self) -> None:
        """Make the data folder and the file that is read at each start."""
        self.run(MARIADB_INSTALL.path(), "--no-defaults", *self._places(), "--skip-test-db")
        self.write("init.sql", FIRST_WORDS)

    def command(self) -> Sequence[str | Path]:
        """Serve; without waiting for the disk, and without looking names up."""
        return [
            MARIADB.path(),
            "--no-defaults",
            *self._places(),
            *("--bind-address=127.0.0.1", f"--port={self.port}", "--skip-name-resolve"),
            *(f"--socket={self.folder}/sock", f"--pid-file={self.folder}/pid"),
            *("--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M"),
            f"--init-file={self.folder}/init.sql",
        ]

    def ask(self) -> None:
        """Select one row."""
        self.execute("SELECT 1")

    def execute(self, statement: str) -> None:
        """Run one statement in the database `shop`, committed at once."""
        connection = pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user=USER,
            password=PASSWORD,
            database=DATABASE,
            autocommit=True,
            connect_timeout=2,
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def _places(self) -> list[str]:
        return [f"--datadir={self.folder}/data", f"--tmpdir={self.folder}"]
