"""Which values come from elsewhere?

``${NAME}`` in any text is an environment variable (``$${`` writes a plain ``${``), and the
table ``{ file = "/run/secrets/x" }`` in place of a text is what that file holds. What
came from elsewhere may be a secret: its path is remembered, so that no mistake quotes it
(``coherence`` alone names ids and hosts that clash: they are public).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from statuspage.settings.mistakes import Finding, KeyPath

_REFERENCE = re.compile(r"\$\$\{|\$\{([^}]*)\}?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CLOSED = re.compile(r"\$\{[^}]*\}")


@dataclass(slots=True)
class References:
    """The references of one document. Files start at ``folder``."""

    environ: Mapping[str, str]
    folder: Path
    hidden: set[KeyPath] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def resolve(self, value: Any, path: KeyPath = ()) -> Any:
        """The value with everything from elsewhere put in."""
        if isinstance(value, str):
            return self._expand(value, path)
        if isinstance(value, list):
            return [self.resolve(item, (*path, at)) for at, item in enumerate(value)]
        if isinstance(value, dict):
            if set(value) == {"file"} and isinstance(value["file"], str) and path:
                return self._read(self._expand(value["file"], path), path)
            return {key: self.resolve(item, (*path, key)) for key, item in value.items()}
        return value

    def _expand(self, text: str, path: KeyPath) -> str:
        return _REFERENCE.sub(lambda found: self._variable(found, path), text)

    def _variable(self, found: re.Match[str], path: KeyPath) -> str:
        if found[0] == "$${":
            return "${"
        name = found[1]
        if not _CLOSED.fullmatch(found[0]) or not _NAME.fullmatch(name):
            self._wrong(path, "has a ${ that names no variable", "${NAME}, or $${ for a plain ${")
            return found[0]
        if name not in self.environ:
            self._wrong(path, f"needs the environment variable {name}, which is not set")
            return found[0]
        self.hidden.add(path)
        return self.environ[name]

    def _read(self, name: str, path: KeyPath) -> str:
        self.hidden.add(path)
        shown = name if name.isprintable() else json.dumps(name)
        try:
            return (self.folder / name).read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            self._wrong(path, f"can't be read from the file {shown}: {error.strerror}")
        except ValueError:
            self._wrong(path, f"can't be read from the file {shown}", "a file in UTF-8")
        return ""

    def _wrong(self, path: KeyPath, what: str, allowed: str = "") -> None:
        self.findings.append(Finding(path, what, allowed))
