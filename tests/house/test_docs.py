"""Do the papers speak of the program as it is: its commands, its files, its pictures?"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from statuspage.cli import app
from tests.house.papers import PAPERS, anchors, blocks, inline, links
from tests.house.sources import ROOT, named, python_files

LARGEST_PICTURE = 150_000
PICTURES = ROOT / "docs" / "pictures"
SAID = re.compile(r"(?:^|\$\()avviso ([^)|\n]*)", re.MULTILINE)


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_every_command_that_is_mentioned_exists(paper: Path) -> None:
    assert [said for said in commands(paper) if not exists(said)] == []


def test_a_command_that_does_not_exist_is_noticed() -> None:
    assert exists("incident open shop=partial_outage 'Slow.' --next 30m --yes")
    assert not exists("incident close 'It is over.'")
    assert not exists("doctors")
    assert not exists("serve --prot 80")


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_every_link_leads_somewhere(paper: Path) -> None:
    lost = [link.target for link in links(paper) if not link.path.exists()]
    lost += [
        link.target
        for link in links(paper)
        if link.anchor and link.path.exists() and link.anchor not in anchors(link.path)
    ]
    assert lost == []


def test_pictures_are_small_and_each_is_shown_somewhere() -> None:
    shown = {link.path for paper in PAPERS for link in links(paper) if link.is_picture}
    taken = {path for path in PICTURES.iterdir() if path.suffix in {".webp", ".png"}}
    assert taken
    assert shown == taken
    assert [path.name for path in taken if path.stat().st_size > LARGEST_PICTURE] == []


def test_every_decision_says_context_choice_and_price() -> None:
    for paper in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        text = paper.read_text(encoding="utf-8")
        parts = [text.find(f"**{part}.**") for part in ("Context", "Choice", "Price")]
        assert -1 < parts[0] < parts[1] < parts[2], paper.name


def commands(paper: Path) -> Iterator[str]:
    """Whatever a reader could type after ``avviso``."""
    for block in blocks(paper, "sh"):
        yield from SAID.findall(block)
    for code in inline(paper):
        yield from SAID.findall(code)


def exists(said: str) -> bool:
    """Whether the command takes these words: its nouns and verbs, and its options."""
    command: object = typer.main.get_command(app)
    words = iter(shlex.split(said))
    options: set[str] = set()
    for word in words:
        below = getattr(command, "commands", None)
        if below is None or word.startswith("-"):
            options.update([word.partition("=")[0]] if word.startswith("-") else [])
        elif word in below:
            command = below[word]
        else:
            return False
    return options <= known_options(command)


def known_options(command: object) -> set[str]:
    """The options of one command, in all spellings."""
    params: list[object] = getattr(command, "params", [])
    spelt = [(getattr(one, "opts", []), getattr(one, "secondary_opts", [])) for one in params]
    return {name for opts, others in spelt for name in (*opts, *others)} | {"--help"}


def test_the_keys_said_to_be_without_effect_are_those_that_nobody_reads() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`(\w+)`", text.partition("## Accepted, and without effect yet")[2]))
    outside = [path for path in python_files("statuspage") if "settings" not in path.parts]
    code = "\n".join(path.read_text(encoding="utf-8") for path in outside)
    assert listed
    assert {key for key in listed if is_read(key, code)} == set()


def is_read(key: str, code: str) -> bool:
    """Whether anything is made of it; to hand it on under the same name makes nothing of it."""
    used = re.findall(rf"^.*\.{key}\b.*$", code, re.MULTILINE)
    return any(not re.fullmatch(rf"{key}=[\w.]+\.{key},?", line.strip()) for line in used)
