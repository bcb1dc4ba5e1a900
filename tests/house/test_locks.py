"""Is everything pinned, by content and not by address, and tested as it runs?"""

import re
import tomllib
from importlib import metadata

import pytest

from tests.house.sources import ROOT

RUNTIME, DEV = "requirements.lock", "requirements-dev.lock"
PIN = re.compile(r"^([a-z0-9.-]+)==([^ ;\\]+)", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    """Return name -> version, as pinned."""
    return dict(PIN.findall((ROOT / lock).read_text()))


@pytest.mark.parametrize("lock", [RUNTIME, DEV])
def test_a_lock_names_no_address(lock: str) -> None:
    assert not re.search(r"https?:|file:|--index|--find-links", (ROOT / lock).read_text())


@pytest.mark.parametrize("lock", [RUNTIME, DEV])
def test_every_pin_has_hashes(lock: str) -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text())
    bare = [block.split()[0] for block in blocks if PIN.match(block) and "sha256:" not in block]
    assert bare == []
    assert len(pins(lock)) > 30


def test_what_runs_is_what_was_tested() -> None:
    tested = pins(DEV)
    assert {
        name: version for name, version in pins(RUNTIME).items() if version != tested[name]
    } == {}


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]["demo"]
    wanted = [
        *project["project"]["dependencies"],
        *extras,
        *project["dependency-groups"]["build"],
    ]
    names = {re.split(r"[\[<>=; ]", each)[0].lower() for each in wanted}
    assert names - set(pins(RUNTIME)) == set()


def test_the_tests_run_on_the_pinned_versions() -> None:
    installed = {
        dist.name.lower().replace("_", "-").replace(".", "-"): dist.version
        for dist in metadata.distributions()
    }
    other = {
        name: (version, installed[name.replace(".", "-")])
        for name, version in pins(DEV).items()
        if installed.get(name.replace(".", "-"), version) != version
    }
    assert other == {}
