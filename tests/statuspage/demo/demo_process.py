"""How does a test run the whole demo, and look at it as a newcomer would?"""

from __future__ import annotations

import html
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx

from statuspage.demo.ports import free_port
from tests.servers.plain import TRUSTING_NOBODY

Found = TypeVar("Found")
START_S = 40.0


@dataclass
class Demo:
    """A demo in a process of its own, and a browser without scripts."""

    process: subprocess.Popen[str]
    port: int
    folder: Path
    browser: httpx.Client

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def shop(self) -> str:
        found = re.search(r'href="(http://127\.0\.0\.1:\d+)/">The shop<', self.page("/demo"))
        assert found
        return found[1]

    def page(self, path: str, **headers: str) -> str:
        answer = self.browser.get(self.site + path, headers=headers)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def throw(self, switch: str) -> None:
        answer = self.browser.post(f"{self.site}/demo/switch", data={"throw": switch})
        assert answer.status_code == 303

    def visit(self, **headers: str) -> httpx.Response:
        """What a visitor of the shop gets."""
        return self.browser.get(self.shop + "/", headers=headers)

    def letters(self) -> dict[str, list[str]]:
        """The subjects for each address, oldest first."""
        entry = r'<a href="/demo/mailbox/\d+">(.*?)</a>\s*<div[^>]*>to (\S+),'
        listed = re.findall(entry, self.page("/demo/mailbox"))
        subjects: dict[str, list[str]] = {}
        for subject, to in reversed(listed):
            subjects.setdefault(to, []).append(html.unescape(subject))
        return subjects

    def children(self) -> list[int]:
        """The processes that it started."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(sign)
        return self.process.wait(15)


def eventually(look: Callable[[], Found], patience_s: float = 20.0) -> Found:
    """The first thing found that is not nothing."""
    deadline = time.monotonic() + patience_s
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie, whose new parent has not looked yet, does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


@contextmanager
def running(folder: Path) -> Iterator[Demo]:
    """A demo that is up: its front page is there."""
    port = free_port()
    command = [sys.executable, "-m", "statuspage", "demo", f"--port={port}", f"--dir={folder}"]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
        httpx.Client(trust_env=False, verify=TRUSTING_NOBODY, timeout=5) as browser,
    ):
        demo = Demo(process, port, folder, browser)
        try:
            eventually(lambda: _is_up(demo), START_S)
            yield demo
        finally:
            if process.poll() is None:
                process.kill()


def _is_up(demo: Demo) -> bool:
    assert demo.process.poll() is None, "the demo ended"
    try:
        front = demo.browser.get(f"{demo.site}/api/v2/summary.json")
    except httpx.TransportError:
        return False
    return front.status_code == 200 and '"operational"' in front.text
