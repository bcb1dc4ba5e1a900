"""Does the benchmark of a hundred thousand still run, and does it count what it says?"""

from __future__ import annotations

import re
import subprocess
import sys

from tests.house.sources import ROOT


def test_three_hundred_are_told_while_visitors_come() -> None:
    few = ["--subscribers", "300", "--rate", "50", "--checks", "5", "--calm", "1", "--within", "30"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.fanout", "--hundred", *few],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = r"^(calm|during) +(\d+) pages  p50 [\d.]+  p99 [\d.]+"
    pages = re.findall(seen, done.stdout, re.MULTILINE)
    assert [name for name, _ in pages] == ["calm", "during"]
    assert all(int(count) > 25 for _, count in pages), "on schedule, whatever became of the others"
    times = re.search(r"first ([\d.]+)  50 % ([\d.]+) .* last ([\d.]+) s", done.stdout)
    assert times
    first, half, last = map(float, times.groups())
    assert 0 <= first <= half <= last
    assert "the last accepted after" in done.stdout
    assert "grown by" in done.stdout
    sys.stdout.write(done.stdout)
