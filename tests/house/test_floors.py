"""Do the contracts on imports bite? Each law of the floors is broken once, in a copy."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT, SHIPPED

BROKEN = [
    ("checks/verdict.py", "import statuspage.vocabulary", "Checks know neither"),
    ("notifications/facts.py", "import checks.result", "Notifications know neither"),
    ("notifications/channel.py", "import sqlmodel", "no web, database-model or scheduler"),
    ("checks/verdict.py", "import asyncio", "pure, all the way down"),
    ("statuspage/rules/severity.py", "import apscheduler", "Only scheduler.py"),
    ("statuspage/jobs/watch.py", "import statuspage.jobs.settle", "Jobs never call"),
    ("statuspage/api/__init__.py", "import statuspage.jobs", "no door imports a job"),
    ("statuspage/rules/severity.py", "import time", "Rules and pages are pure"),
    ("statuspage/tables/__init__.py", "import statuspage.rules", "Imports run down"),
    ("statuspage/vocabulary.py", "import statuspage.database", "Imports run down"),
    ("statuspage/further_room.py", "", "Imports run down"),
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages, to break things in."""
    copy = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package in SHIPPED:
        shutil.copytree(ROOT / package, copy / package)
    for name in ("watch", "settle"):
        (copy / "statuspage" / "jobs" / f"{name}.py").touch()
    return copy


@pytest.mark.parametrize(("where", "line", "law"), BROKEN)
def test_a_forbidden_import_is_named_by_its_law(
    house: Path, where: str, line: str, law: str
) -> None:
    path = house / where
    before = path.read_text() if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n")
    try:
        broken = broken_laws(house)
    finally:
        path.unlink() if before is None else path.write_text(before)
    assert any(law in each for each in broken)


def broken_laws(house: Path) -> list[str]:
    """Return the names of the contracts that are broken."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    said = subprocess.run(command, cwd=house, capture_output=True, text=True, check=False).stdout
    assert "Contracts:" in said, said
    return [line.split(" BROKEN")[0] for line in said.splitlines() if " BROKEN" in line]
