"""Do the papers that every open project carries agree with the program?"""

import re
import tomllib

import pytest

from tests.house.sources import ROOT

HEADING = re.compile(r"^## \[(?P<version>[^\]]+)\](?: - (?P<day>\d{4}-\d\d-\d\d))?$", re.MULTILINE)


def version() -> str:
    """Return the version of the distribution."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def test_the_changelog_opens_with_unreleased() -> None:
    assert headings()[0] == ("Unreleased", "")


def test_a_released_version_has_its_day_and_is_the_programs() -> None:
    """The newest released heading is the version in pyproject.toml, or one that is behind it."""
    released = headings()[1:]
    assert all(day for _, day in released)
    numbers = [tuple(map(int, name.split("."))) for name, _ in released]
    assert numbers == sorted(numbers, reverse=True)
    assert all(number <= tuple(map(int, version().split("."))) for number in numbers)


@pytest.mark.parametrize("paper", ["README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"])
def test_a_paper_is_there(paper: str) -> None:
    assert (ROOT / paper).is_file()


def headings() -> list[tuple[str, str]]:
    """Return the changelog's versions with their days, as they stand."""
    return HEADING.findall((ROOT / "CHANGELOG.md").read_text())
