"""How does a test get a real nginx, with a site that the test writes?

The site is the text inside `server { … }`; `configure` changes it while nginx runs. The first
process keeps a worker, as in production: so a reload is a real reload.
"""

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from tests.servers import plain
from tests.servers.programs import NGINX
from tests.servers.server import DEADLINE, Server

WELL = 'location / { default_type text/plain; return 200 "well\\n"; }'
ALIVE = "/--alive--"  # answers in every site, with the number of the configuration it runs

FRAME = """
pid {folder}/pid;
error_log stderr warn;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {extra}
    server {{
        listen 127.0.0.1:{port};
        server_name _;
        location = {alive} {{ return 200 "{number}"; }}
        {site}
    }}
}}
"""


class Nginx(Server):
    """nginx with one site; it answers `well` until told otherwise."""

    users: ClassVar = ("www-data",)
    orphan_signal: ClassVar = signal.SIGTERM  # killed, it would leave its worker to serve on

    def __init__(self, site: str = WELL, extra: str = "") -> None:
        super().__init__()
        self._number = 0
        self._describe(site, extra)

    @property
    def dsn(self) -> str:
        """`http://127.0.0.1:port`."""
        return f"http://127.0.0.1:{self.port}"

    def configure(self, site: str, extra: str = "") -> None:
        """Give nginx another site (and `extra` at the level of `http`), and wait until it serves.

        :raises RuntimeError: with nginx's words, if the configuration is wrong.
        """
        self._describe(site, extra)
        if self.running:
            self.run(*self._with_configuration(), "-t")
            before = self.workers()
            os.kill(self.pid, signal.SIGHUP)
            self._wait_until_ready()
            self._wait_until_retired(before)

    def command(self) -> Sequence[str | Path]:
        """Serve in the foreground."""
        return [*self._with_configuration(), "-g", "daemon off;"]

    def ask(self) -> None:
        """Ask for the number of the configuration, and see that it is the newest."""
        answer = plain.get(self.dsn + ALIVE)
        if answer.text != str(self._number):
            raise RuntimeError(f"nginx still runs configuration {answer.text}")

    def _describe(self, site: str, extra: str) -> None:
        self._number += 1
        values = {"folder": self.folder, "port": self.port, "alive": ALIVE, "number": self._number}
        self.write("nginx.conf", FRAME.format(site=site, extra=extra, **values))

    def _with_configuration(self) -> list[str | Path]:
        return [NGINX.path(), "-e", "stderr", "-p", self.folder, "-c", self.folder / "nginx.conf"]

    def workers(self) -> list[int]:
        """The processes that answer."""
        told = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in told.split()]

    def _wait_until_retired(self, workers: list[int]) -> None:
        """For a moment old and new workers accept from one socket: wait until the old let go."""
        deadline = time.monotonic() + DEADLINE
        while any(_accepts(worker) for worker in workers):
            if time.monotonic() > deadline:
                raise RuntimeError(f"nginx keeps its old workers:\n{self.log()}")
            time.sleep(0.005)


def _accepts(worker: int) -> bool:
    """Whether this worker still takes connections; one that leaves says so in its title."""
    try:
        return "is shutting down" not in Path(f"/proc/{worker}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
