"""How does a test get a real Redis (or Valkey, which answers the same)?"""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from redis import Redis as Client
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.servers.programs import REDIS
from tests.servers.server import Server


class Redis(Server):
    """Redis without a password, which keeps nothing on disk."""

    users: ClassVar = ("redis", "valkey")

    @property
    def dsn(self) -> str:
        """`redis://127.0.0.1:port/0`."""
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> Sequence[str | Path]:
        """Serve from memory alone."""
        settings = {"bind": "127.0.0.1", "port": str(self.port), "save": "", "appendonly": "no"}
        words = [word for key, value in settings.items() for word in (f"--{key}", value)]
        return [REDIS.path(), *words, "--dir", self.folder]

    def ask(self) -> None:
        """PING."""
        once = Retry(NoBackoff(), 0)  # the client's default is to try a refusal again for seconds
        with Client(host="127.0.0.1", port=self.port, socket_timeout=2, retry=once) as client:
            client.ping()
