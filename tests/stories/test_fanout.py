"""Does the benchmark of a fan-out still run, and does it send what it says?"""

from __future__ import annotations

import re
import subprocess
import sys

from tests.house.sources import ROOT


def test_two_hundred_letters_go_each_way() -> None:
    command = ["benchmarks.fanout", "--letters", "200", "--latency", "0", "2", "--store", "sqlite"]
    done = subprocess.run(
        [sys.executable, "-m", *command, "--dkim"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    senders = re.findall(r"^  (\S.*?)  +[\d,]+ letters/s", done.stdout, re.MULTILINE)
    assert senders == ["smtp-source", "plain loop", "avviso, sqlite", "the same, signing"] * 2
    assert done.stdout.count("times the plain loop") == 2
    sys.stdout.write(done.stdout)
