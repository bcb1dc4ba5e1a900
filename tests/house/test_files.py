"""Does every file say what it is for, under a name that says so too?"""

import re
from itertools import chain
from pathlib import Path

import pytest

from tests.house.sources import ROOT, SHIPPED, WRITTEN, docstring, named, python_files

NAMES_OF_NOTHING = {
    *("manager", "service", "helper", "helpers", "util", "utils", "common"),
    *("base", "core", "misc", "handler", "handlers"),
}
SENTENCE = re.compile(r"^[^\n]+?[?.!](\s|$)", re.DOTALL)
GENERATED = "migrations/versions"
LONGEST = 300


@pytest.mark.parametrize("path", python_files(), ids=named)
def test_a_module_opens_with_a_whole_sentence(path: Path) -> None:
    if not path.read_text(encoding="utf-8").strip():
        assert path.name == "__init__.py", "an empty module"
        return
    first = docstring(path).split("\n\n")[0].replace("\n", " ")
    assert SENTENCE.match(first), f"opens with {first!r}"


@pytest.mark.parametrize("path", python_files(*SHIPPED), ids=named)
def test_a_file_is_short_enough_to_be_read(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST or GENERATED in named(path)


def test_no_name_says_that_nobody_knew_what_it_is_about() -> None:
    words = {named(path): set(path.stem.lower().split("_")) for path in paths_of_ours()}
    assert [name for name, said in words.items() if said & NAMES_OF_NOTHING] == []


def test_there_is_no_further_package_at_the_top() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages <= {*SHIPPED, "benchmarks"}


def test_no_dictionary_is_shipped() -> None:
    """Hunspell's Italian one is GPL; Avviso is Apache-2.0."""
    assert [named(path) for path in paths_of_ours() if path.suffix in {".aff", ".dic"}] == []


def paths_of_ours() -> list[Path]:
    """Return files and folders below the folders that hold our work."""
    below = chain.from_iterable((ROOT / folder).rglob("*") for folder in (*WRITTEN, "static"))
    return [path for path in below if "__pycache__" not in path.parts]
