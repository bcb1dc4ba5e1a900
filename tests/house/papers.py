"""Which papers do we hand to a reader, and what in them can be held to?

Fenced blocks with their language, inline code, links and pictures.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.house.sources import ROOT

PAPERS = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "CHANGELOG.md",
        *ROOT.glob("docs/**/*.md"),
    ]
)
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Link:
    """Where a paper leads: a path beside it, and perhaps a heading there."""

    paper: Path
    target: str
    is_picture: bool

    @property
    def path(self) -> Path:
        """The file or folder; the paper itself when only a heading is named."""
        beside = self.target.partition("#")[0]
        return (self.paper.parent / beside).resolve() if beside else self.paper

    @property
    def anchor(self) -> str:
        return self.target.partition("#")[2]


def blocks(paper: Path, language: str, under: str = "") -> list[str]:
    """The fenced blocks in a language; of one heading's part, if it is named."""
    text = paper.read_text(encoding="utf-8")
    if under:
        text = text.partition(f"## {under}\n")[2].partition("\n## ")[0]
    return [body for tongue, body in _FENCE.findall(text) if tongue == language]


def inline(paper: Path) -> list[str]:
    """What stands between backticks in a line."""
    return _INLINE.findall(_FENCE.sub("", paper.read_text(encoding="utf-8")))


def links(paper: Path) -> list[Link]:
    """Links and pictures that lead to a place in the checkout."""
    found = _LINK.findall(_FENCE.sub("", paper.read_text(encoding="utf-8")))
    return [Link(paper, target, bool(mark)) for mark, target in found if "://" not in target]


def anchors(paper: Path) -> set[str]:
    """The names that a forge gives to a paper's headings."""
    headings = _HEADING.findall(_FENCE.sub("", paper.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}
