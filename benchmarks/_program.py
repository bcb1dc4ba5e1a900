"""How does a benchmark wait for `avviso serve`, and get in?"""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx

from tests.stories.programs import Avviso


def until(holds: Callable[[], object], within: float, every: float = 0.1) -> float:
    """When (seconds since 1970) it came to be so."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not come to be so"
        time.sleep(every)
    return time.time()


def asks(avviso: Avviso, path: str) -> httpx.Response:
    return httpx.get(avviso.dsn + path, timeout=10, trust_env=False)


def until_ready(avviso: Avviso, within: float) -> None:
    until(lambda: asks(avviso, "/readyz").is_success, within)


def new_token(avviso: Avviso, scope: str) -> str:
    said = avviso.command_line("token", "create", "benchmark", "--scope", scope)
    assert said.returncode == 0, said.stderr
    return said.stdout.split()[-1]
