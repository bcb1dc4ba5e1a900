"""How long does it take to import ten thousand customers, and does a visitor wait for it?

    python -m benchmarks.imports [--lines 10000] [--rate 100] [--store sqlite postgresql]

`avviso serve` as its users start it; one request carries the whole list, twice: the first time
everybody is new, the second time everybody is known. Meanwhile visitors ask for the page on
schedule. Aim: under 10 s each time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx

from benchmarks._machine import describe, percentile
from benchmarks._visitors import Visitors
from tests.servers.postgresql import PostgreSQL
from tests.stories import configuration
from tests.stories.programs import Avviso

AIM_S = 10.0


def measure(wanted: argparse.Namespace, kind: str) -> None:
    with ExitStack() as stack:
        avviso = Avviso()
        stack.callback(avviso.close)
        avviso.configure(_configuration(avviso, stack.enter_context(_database(avviso, kind))))
        avviso.start()
        _until_ready(avviso)
        token = _token(avviso)
        for name, key in (("new", "added"), ("known", "updated")):
            with Visitors(avviso.port, wanted.rate) as visitors:
                took = _import(avviso, token, _file(wanted.lines), key, wanted.lines)
            p99 = 1000 * percentile(visitors.latencies, 0.99)
            print(
                f"  {kind}, {wanted.lines} {name}: {took:.2f} s (aim: {AIM_S:g} s); meanwhile "
                f"{len(visitors.latencies)} pages, p99 {p99:.1f} ms, most "
                f"{1000 * max(visitors.latencies):.1f} ms"
            )


def _file(lines: int) -> str:
    each = (f"Kunde{n}@mail{n % 90}.example.org;it;c0;list {n}\r\n" for n in range(lines))
    return "address;language;components;source\r\n" + "".join(each)


def _import(avviso: Avviso, token: str, file: str, key: str, lines: int) -> float:
    since = time.monotonic()
    answer = httpx.post(
        f"{avviso.dsn}/api/v1/subscribers/import",
        content=file,
        params={"basis": "contract", "source": "list"},
        headers={"Authorization": f"Bearer {token}", "Content-Type": "text/csv"},
        timeout=600,
        trust_env=False,
    )
    took = time.monotonic() - since
    assert answer.status_code == 200, answer.text
    assert answer.json()[key] == lines, answer.text
    return took


@contextmanager
def _database(avviso: Avviso, kind: str) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{avviso.folder / 'avviso.db'}"
        return
    with PostgreSQL() as server, server.database() as url:
        yield url


def _configuration(avviso: Avviso, database: str) -> str:
    sections: dict[str, dict[str, object]] = {
        "site": {
            "name": "Acme",
            "url": avviso.dsn,
            "languages": ["en", "it"],
            "state_dir": str(avviso.folder / "state"),
        },
        "database": {"url": database},
    }
    return configuration.write(sections, '[[components]]\nid = "c0"\nname = "Part 0"\n')


def _token(avviso: Avviso) -> str:
    said = avviso.command_line("token", "create", "benchmark", "--scope", "subscribers")
    assert said.returncode == 0, said.stderr
    return said.stdout.split()[-1]


def _until_ready(avviso: Avviso) -> None:
    deadline = time.monotonic() + 60
    while not httpx.get(f"{avviso.dsn}/readyz", timeout=10, trust_env=False).is_success:
        assert time.monotonic() < deadline, "it did not get ready"
        time.sleep(0.1)


def main() -> None:
    stores = ("sqlite", "postgresql")
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports")
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=100.0, help="pages a second")
    parser.add_argument("--store", nargs="+", choices=stores, default=list(stores))
    wanted = parser.parse_args()
    print(describe())
    for kind in wanted.store:
        measure(wanted, kind)


if __name__ == "__main__":
    main()
