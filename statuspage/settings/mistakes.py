"""What is wrong with the configuration, and what would be right?

Nothing here reads a file. A value that is or holds a secret is never quoted.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

KeyPath = tuple[str | int, ...]
"""Where a value lies in the document: ``("components", 1, "checks", 0, "interval")``."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. ``file``: where it was made, ``environment`` for a variable; ``key``: the
    key's path, a variable's name, or a line; ``allowed``: what may stand there, or nothing.
    """

    file: str
    key: str
    what: str
    allowed: str = ""

    def __str__(self) -> str:
        told = f"{self.what}; allowed: {self.allowed}" if self.allowed else self.what
        return f"{self.file}:{self.key}: {told}" if self.key else f"{self.file}: {told}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake whose file is not known yet. ``what`` is ready to be read."""

    path: KeyPath
    what: str
    allowed: str = ""


class Mistakes(Exception):
    """The configuration can't be used; ``mistakes`` holds all that is wrong with it."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


class Wrong(ValueError):
    """A validator's verdict on a value. ``what`` may have ``{value}`` where the value is to be
    quoted: the quoting is left to the report, which knows whether it is a secret.
    """

    def __init__(self, what: str, allowed: str = "") -> None:
        self.what, self.allowed = what, allowed
        super().__init__(f"{what}; allowed: {allowed}" if allowed else what)


def spell_path(path: KeyPath) -> str:
    """``components[1].checks[0].interval``; keys that TOML wants quoted are quoted."""
    spelled = ""
    for step in path:
        spelled += f"[{step}]" if isinstance(step, int) else f".{_key(step)}"
    return spelled.removeprefix(".")


def _key(step: str) -> str:
    return step if re.fullmatch(r"[A-Za-z0-9_-]+", step) else json.dumps(step)


def nearest(name: str, known: Iterable[str]) -> str:
    """``, did you mean "timeout"?`` or nothing."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f', did you mean "{close[0]}"?' if close else ""
