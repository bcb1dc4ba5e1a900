"""How fast are many letters sent, beside what there was before and what there can be?

    python -m benchmarks.fanout [--letters 20000] [--length 10240] [--connections 8]
                                [--latency 0 20] [--store sqlite postgresql] [--dkim]
    python -m benchmarks.fanout --hundred [--subscribers 100000] …

Side by side, one after the other, into Postfix's smtp-sink: Postfix's own smtp-source; a plain
loop of aiosmtplib with an EmailMessage for each; and Avviso with its outbox: announced, claimed,
composed, sent and recorded over a real store. All keep the same number of connections. The
CPU is that of the sender's process (PostgreSQL's own is not in it), the memory what it grew by.
With --dkim each letter is signed with a key of our own. Aims: 10 times the plain loop, and 0.4
of smtp-source. With --hundred the whole program tells 100,000 people while it is visited
(``benchmarks.hundred``).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import hundred
from benchmarks._latency import Faraway
from benchmarks._machine import describe
from benchmarks._relay import Drain
from benchmarks._stores import store_url
from tests.notifications.receiver import new_key, pem
from tests.servers.programs import SMTP_SOURCE

AIM_PLAIN, AIM_SOURCE = 10.0, 0.4


@dataclass(frozen=True)
class Seen:
    name: str
    letters: int
    seconds: float
    cpu_s: float
    grown_mb: float

    @property
    def rate(self) -> float:
        return self.letters / self.seconds

    def tell(self) -> None:
        cpu = 1000 * self.cpu_s / self.letters
        print(
            f"  {self.name:18} {self.rate:8,.0f} letters/s  {cpu:6.3f} s of CPU per 1,000  "
            f"+{self.grown_mb:.0f} MB"
        )


def main() -> None:
    if "--hundred" in sys.argv:
        sys.argv.remove("--hundred")
        hundred.main()
        return
    wanted = _arguments()
    print(describe())
    print(f"{wanted.letters} letters of {wanted.length} octets, {wanted.connections} connections")
    for latency in wanted.latency:
        print(f"a relay that is {latency:g} ms away")
        with _relay(latency) as port:
            _compare(wanted, port)


def _compare(wanted: argparse.Namespace, port: int) -> None:
    relay = f"smtp://127.0.0.1:{port}?starttls=never"
    course = (str(wanted.letters), str(wanted.length), str(wanted.connections))
    source = _source(wanted, port)
    source.tell()
    plain = _sender("plain loop", "plain", relay, *course)
    plain.tell()
    for store in wanted.store:
        with store_url(store) as url:
            _tell_ratios(
                _sender(f"avviso, {store}", "avviso", relay, *course, url, ""), plain, source
            )
        if wanted.dkim:
            with store_url(store) as url, _key() as key:
                _sender("the same, signing", "avviso", relay, *course, url, key).tell()


def _tell_ratios(avviso: Seen, plain: Seen, source: Seen) -> None:
    avviso.tell()
    print(
        f"    {avviso.rate / plain.rate:.1f} times the plain loop (aim: {AIM_PLAIN:g}), "
        f"{avviso.rate / source.rate:.2f} of smtp-source (aim: {AIM_SOURCE:g})"
    )


def _source(wanted: argparse.Namespace, port: int) -> Seen:
    command = [
        *(str(SMTP_SOURCE.path()), "-d", "-s", str(wanted.connections), "-m", str(wanted.letters)),
        *("-l", str(wanted.length), "-M", "localhost", "-N"),
        *("-f", "status@acme.example", "-t", "reader@example.org", f"127.0.0.1:{port}"),
    ]
    before, since = os.times(), time.monotonic()
    subprocess.run(command, check=True, timeout=900)
    seconds, after = time.monotonic() - since, os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return Seen("smtp-source", wanted.letters, seconds, cpu, 0)


def _sender(name: str, *arguments: str) -> Seen:
    command: Sequence[str] = [sys.executable, "-m", "benchmarks._fanout", *arguments]
    done = subprocess.run(command, check=True, timeout=1800, stdout=subprocess.PIPE)
    return Seen(name, **json.loads(done.stdout))


@contextmanager
def _relay(latency: float) -> Iterator[int]:
    with ExitStack() as stack:
        drain = stack.enter_context(Drain())
        yield stack.enter_context(Faraway(drain.port, latency)).port if latency else drain.port


@contextmanager
def _key() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "dkim.pem"
        file.write_text(pem(new_key()))
        yield str(file)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fanout")
    parser.add_argument("--letters", type=int, default=20_000)
    parser.add_argument("--length", type=int, default=10_240)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--latency", type=float, nargs="+", default=[0, 20])
    stores = ("sqlite", "postgresql")
    parser.add_argument("--store", nargs="+", choices=stores, default=list(stores))
    parser.add_argument("--dkim", action="store_true")
    parser.add_argument("--hundred", action="store_true", help="see benchmarks.hundred --help")
    return parser.parse_args()


if __name__ == "__main__":
    main()
