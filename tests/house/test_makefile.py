"""Does make say in one sentence what a machine lacks, and cost nothing once all is there?"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT

REAL = f'#!/bin/sh\nexec {sys.executable} "$@"\n'
OLD = "#!/bin/sh\nexit 1\n"  # whatever it is asked about its age
WITHOUT_VENV = f"""#!/bin/sh
case "$2" in *ensurepip*) exit 1;; *) exec {sys.executable} "$@";; esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with nothing set up, and a `bin` that comes first on PATH."""
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "bin").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("python", "sentence"),
    [
        (OLD, "Avviso needs Python 3.11 or newer, and python3 is older: "),
        (WITHOUT_VENV, "This Python can't make virtual environments yet: apt install python3-venv"),
        (None, "Avviso needs Python 3.11 or newer: apt install python3-venv"),
    ],
    ids=["old", "no-venv", "none"],
)
def test_what_is_missing_is_said_in_one_sentence(
    checkout: Path, python: str | None, sentence: str
) -> None:
    put(checkout, python)
    done = make(checkout, "setup")
    assert done.returncode != 0
    assert done.stderr.splitlines()[0].startswith(sentence)
    assert not (checkout / ".venv").exists()


def test_once_set_up_nothing_is_asked_of_python_again(checkout: Path) -> None:
    put(checkout, OLD)
    (checkout / ".venv").mkdir()
    for stamp in ("made", "runtime"):
        (checkout / ".venv" / stamp).touch()
    done = make(checkout, "setup")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_changed_lock_is_installed_again(checkout: Path) -> None:
    put(checkout, REAL)
    (checkout / ".venv").mkdir()
    for stamp in ("made", "runtime"):
        (checkout / ".venv" / stamp).touch()
    newer = (checkout / ".venv" / "runtime").stat().st_mtime + 10
    os.utime(checkout / "requirements.lock", (newer, newer))
    assert "-r requirements.lock" in make(checkout, "--dry-run", "setup").stdout


def test_setup_brings_no_tools_of_developers(checkout: Path) -> None:
    put(checkout, REAL)
    said = make(checkout, "--dry-run", "run").stdout
    assert "requirements.lock" in said
    assert "requirements-dev.lock" not in said


def put(checkout: Path, python: str | None) -> None:
    """Make this the only python3 of the machine."""
    for tool in ("sh", "touch", "echo"):
        (checkout / "bin" / tool).symlink_to(str(shutil.which(tool)))
    if python is not None:
        (checkout / "bin" / "python3").write_text(python)
        (checkout / "bin" / "python3").chmod(0o755)


def make(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run make there, with nothing on PATH but what was put."""
    return subprocess.run(
        [str(shutil.which("make")), "--no-print-directory", *words],
        cwd=checkout,
        env={"PATH": str(checkout / "bin"), "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
