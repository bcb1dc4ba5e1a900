"""How long does it take to import ten thousand customers, and does a visitor wait for it?

    python -m benchmarks.imports [--lines 10000] [--rate 100] [--store sqlite postgresql]

`avviso serve` as its users start it; one request carries the whole list, twice: the first time
everybody is new, the second time everybody is known. Meanwhile visitors ask for the page on
schedule. Aim: under 10 s each time.
"""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack

import httpx

from benchmarks._machine import describe, percentile
from benchmarks._program import new_token, until_ready
from benchmarks._stores import KINDS, store_url
from benchmarks._visitors import Visitors
from tests.stories import configuration
from tests.stories.programs import Avviso

AIM_S = 10.0
WITHIN_S = 60.0


def measure(wanted: argparse.Namespace, kind: str) -> None:
    with ExitStack() as stack:
        store = stack.enter_context(store_url(kind))
        avviso = Avviso()
        stack.callback(avviso.close)
        avviso.configure(_configuration(avviso, store))
        avviso.start()
        until_ready(avviso, WITHIN_S)
        token = new_token(avviso, "subscribers")
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


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports")
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=100.0, help="pages a second")
    parser.add_argument("--store", nargs="+", choices=KINDS, default=list(KINDS))
    wanted = parser.parse_args()
    print(describe())
    for kind in wanted.store:
        measure(wanted, kind)


if __name__ == "__main__":
    main()
