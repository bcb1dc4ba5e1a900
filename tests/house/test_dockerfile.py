"""Does the image hold what the tests ran, set up by the same steps, and run by nobody special?"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch

import pytest

from tests.house.sources import ROOT
from tests.servers.nginx import Nginx

OWN_STEPS = {"mkdir /data"}  # of the image alone


@pytest.fixture(scope="module")
def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as (instruction, the rest), with continued lines joined."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def test_every_step_is_a_step_of_make_setup(instructions: list[tuple[str, str]]) -> None:
    steps = [rest for word, rest in instructions if word == "RUN" and rest not in OWN_STEPS]
    assert steps == [step for step in steps_of("setup") if step in steps]
    assert len(steps) == 3


def test_all_that_make_setup_installs_is_in_the_image(instructions: list[tuple[str, str]]) -> None:
    steps = [rest for word, rest in instructions if word == "RUN"]
    assert [step for step in steps_of("setup") if " -m pip " in step and step not in steps] == []


def test_the_image_has_two_stages_of_one_base(instructions: list[tuple[str, str]]) -> None:
    bases = [rest.partition(" ")[0] for word, rest in instructions if word == "FROM"]
    assert len(bases) == 2
    assert len(set(bases)) == 1


def test_the_image_is_not_root_and_keeps_its_state_on_a_volume(
    instructions: list[tuple[str, str]],
) -> None:
    last_stage = dict(instructions)
    uid = last_stage["USER"].split(":")[0]
    assert uid.isdecimal()
    assert int(uid) > 0
    assert last_stage["VOLUME"] == last_stage["WORKDIR"] == "/data"


def test_the_health_check_passes_for_200_and_fails_for_all_else(
    instructions: list[tuple[str, str]], nginx: Nginx
) -> None:
    _, _, command = dict(instructions)["HEALTHCHECK"].partition("CMD ")
    python, *words = json.loads(command)
    assert python == "python"
    code = words[-1].replace("127.0.0.1:8000", f"127.0.0.1:{nginx.port}")

    def verdict() -> int:
        return subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=False
        ).returncode

    nginx.configure("location = /healthz { return 200; }")
    assert verdict() == 0
    nginx.configure("location = /healthz { return 503; }")
    assert verdict() != 0
    nginx.stop()
    assert verdict() != 0


def test_what_the_project_needs_reaches_the_image() -> None:
    kept = [
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    ]
    for needed in ("requirements.lock", "pyproject.toml", "README.md", "LICENSE", "statuspage"):
        assert any(fnmatch(needed, pattern) for pattern in kept), needed


def steps_of(target: str) -> list[str]:
    """Return the commands that make would run for a target from nothing."""
    return list(_commands(target))


def _commands(target: str) -> Iterator[str]:
    printed = subprocess.run(
        ["make", "--dry-run", "--always-make", "--no-print-directory", target],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    yield from (line.strip() for line in printed.splitlines())
