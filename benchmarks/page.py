"""How fast is the page from memory, beside nginx and an application that knows nothing else?

    python -m benchmarks.page [--seconds 5] [--connections 32] [--rounds 1]

nginx with the compressed page as a file; a bare ASGI application with the same bytes under
uvicorn as `avviso serve` has it; Avviso. All are pinned to one core, each is asked in turn, and
wrk has the other core: the page and summary.json, whole, as a 304, and whole by requests no two of
which are alike ("varied"). Where others are busy on the machine, CPU for each request compares
better than requests a second. Aims: requests a second at least 0.9 of the bare application's and
0.4 of nginx's, p99 at most twice the bare one's. Last, a whole application alone, calm and while
its page changes 50 times a second; aim: at least 0.75 of the calm rate.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from benchmarks import _wrk
from benchmarks._front import PAGES, start
from benchmarks._machine import describe
from benchmarks._wrk import Seen
from tests.servers.nginx import Nginx
from tests.servers.ports import answers, free_port

CODING = {"Accept-Encoding": "br"}
AIM_BARE, AIM_NGINX, AIM_P99, AIM_BUSY = 0.9, 0.4, 2.0, 0.75
SITE = """
access_log off; open_file_cache max=10;
keepalive_requests 1000000000; sendfile on; tcp_nopush on; root {folder};
"""
FILE = """
location = {path} {{ add_header Content-Encoding br; default_type {kind}; try_files /{name} =404; }}
"""


@dataclass(frozen=True)
class Origin:
    """Who answers: its name, address and the process that works."""

    name: str
    url: str
    pid: int


def main() -> None:
    wanted = _arguments()
    print(describe())
    cores = sorted(os.sched_getaffinity(0))
    wanted.server_core, wanted.client_core = cores[0], cores[-1]
    with ExitStack() as stack:
        avviso = stack.enter_context(_front("avviso", wanted))
        bare = stack.enter_context(_front("bare", wanted))
        nginx = stack.enter_context(_nginx(avviso, wanted))
        for path in PAGES:
            _compare((nginx, bare, avviso), path, wanted)
    _while_it_changes(wanted)


def _compare(origins: tuple[Origin, ...], path: str, wanted: argparse.Namespace) -> None:
    """All of them, side by side, in three ways."""
    size = len(httpx.get(origins[-1].url + path, trust_env=False).content)
    print(f"\n{path}, {size:,} bytes before compression")
    for way, headers in (("200", _new), ("304", _known), ("varied", _new)):
        seen = []
        for origin in origins:
            asked = headers(origin, path)
            seen.append(_ask(origin, path, asked, wanted, varied=way == "varied"))
            _tell(origin, way, seen[-1])
        _tell_ratios(*seen)


def _ask(
    origin: Origin, path: str, headers: dict[str, str], wanted: argparse.Namespace, *, varied: bool
) -> Seen:
    return _wrk.ask(
        origin.url + path,
        origin.pid,
        seconds=wanted.seconds,
        connections=wanted.connections,
        headers=headers,
        core=wanted.client_core,
        varied=varied,
    )


def _new(_: Origin, __: str) -> dict[str, str]:
    """The headers of who comes for the first time."""
    return CODING


def _known(origin: Origin, path: str) -> dict[str, str]:
    """The headers of who has the page already."""
    page = httpx.get(origin.url + path, headers=CODING, trust_env=False)
    assert page.headers["content-encoding"] == "br"
    known = {**CODING, "If-None-Match": page.headers["etag"]}
    again = httpx.get(origin.url + path, headers=known, trust_env=False)
    assert again.status_code == HTTPStatus.NOT_MODIFIED, again
    return known


def _tell(origin: Origin, way: str, seen: Seen) -> None:
    print(
        f"{origin.name:7} {way:6} {seen.rate:9,.0f} requests/s   p50 {seen.p50_ms:6.2f}  "
        f"p99 {seen.p99_ms:6.2f} ms   {seen.cpu_us:5.1f} µs of CPU a request"
    )


def _tell_ratios(nginx: Seen, bare: Seen, avviso: Seen) -> None:
    print(
        f"    Avviso / bare: {avviso.rate / bare.rate:.2f} (aim: {AIM_BARE}), by CPU "
        f"{bare.cpu_us / avviso.cpu_us:.2f}; / nginx: {avviso.rate / nginx.rate:.2f} (aim: "
        f"{AIM_NGINX}), by CPU {nginx.cpu_us / avviso.cpu_us:.2f}; p99 / bare: "
        f"{avviso.p99_ms / bare.p99_ms:.2f} (aim: {AIM_P99:g} at most)"
    )


def _while_it_changes(wanted: argparse.Namespace) -> None:
    """The same page calm, and while it is written and rendered again and again."""
    print(f"\n/, while {wanted.a_second:g} changes a second are written and rendered")
    port = free_port()
    words = ("benchmarks._busy", str(port), str(wanted.server_core), str(wanted.a_second))
    server = subprocess.Popen([sys.executable, "-m", *words], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        _until_it_answers(port, server)
        origin, seen = Origin("avviso", f"http://127.0.0.1:{port}", server.pid), []
        for way in ("calm", "busy", "calm"):
            if way == "busy":
                server.send_signal(signal.SIGUSR1)
            seen.append(_ask(origin, "/", CODING, wanted, varied=False))
            _tell(origin, way, seen[-1])
            if way == "busy":
                server.send_signal(signal.SIGUSR1)
                _tell_changes(json.loads(server.stdout.readline()))
    finally:
        server.kill()
        server.wait()
    before, busy, after = (one.rate for one in seen)
    print(f"    busy / calm: {2 * busy / (before + after):.2f} (aim: {AIM_BUSY})")


def _tell_changes(seen: dict[str, float]) -> None:
    print(
        f"    {seen['rate']:.1f} changes a second written and shown, each after p50 "
        f"{1000 * seen['p50']:.0f}  p99 {1000 * seen['p99']:.0f} ms"
    )


def _until_it_answers(port: int, server: subprocess.Popen[str]) -> None:
    while True:
        assert server.poll() is None, "the server did not start"
        with suppress(httpx.HTTPError):
            if httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).is_success:
                return
        time.sleep(0.05)


@contextmanager
def _front(which: str, wanted: argparse.Namespace) -> Iterator[Origin]:
    port = free_port()
    server = start(which, port, wanted.server_core)
    try:
        while not answers(port):
            assert server.poll() is None, "the server did not start"
            time.sleep(0.05)
        yield Origin(which, f"http://127.0.0.1:{port}", server.pid)
    finally:
        server.kill()
        server.wait()


@contextmanager
def _nginx(avviso: Origin, wanted: argparse.Namespace) -> Iterator[Origin]:
    """The very bytes that Avviso sends, as files."""
    with Nginx() as nginx:
        site = SITE.format(folder=nginx.folder)
        for path, name in PAGES.items():
            with httpx.stream("GET", avviso.url + path, headers=CODING, trust_env=False) as page:
                nginx.write(name, b"".join(page.iter_raw()))
                kind = page.headers["content-type"].partition(";")[0]
            site += FILE.format(path=path, name=name, kind=kind)
        nginx.configure(site)
        (worker,) = nginx.workers()
        os.sched_setaffinity(worker, {wanted.server_core})
        yield Origin("nginx", nginx.dsn, worker)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--a-second", type=float, default=50, help="changes, in the last part")
    return parser.parse_args()


if __name__ == "__main__":
    main()
