"""What does an operator do at three in the morning? Asks the API, or pastes a line."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.servers.plain import TRUSTING_NOBODY
from tests.stories.programs import Avviso


@dataclass(frozen=True)
class Office:
    """An operator with a token, at a terminal that has AVVISO_URL and AVVISO_TOKEN."""

    avviso: Avviso
    token: str

    def post(self, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        return self._ask("POST", path, body)

    def delete(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return self._ask("DELETE", path, body)

    def get(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self._ask("GET", path).json()
        return found

    def incident(self, id: str) -> dict[str, Any]:
        return self.get(f"/incidents/{id}")

    def shell(self, line: str) -> str:
        """Run a line as it was pasted; what it printed.

        :raises AssertionError: if the line failed.
        """
        done = subprocess.run(
            ["sh", "-c", line],
            env={
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "AVVISO_URL": self.avviso.dsn,
                "AVVISO_TOKEN": self.token,
            },
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        return httpx.request(
            method,
            f"{self.avviso.dsn}/api/v1{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=10,
            trust_env=False,
            verify=TRUSTING_NOBODY,
        )
