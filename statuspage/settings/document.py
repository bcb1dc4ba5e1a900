"""What stands in the file?

Its tables, as TOML gives them; or one mistake that says why it can't be read.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from statuspage.settings.mistakes import Mistake, Mistakes

_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)


def read(file: Path) -> str:
    """The file's text; a byte order mark, as some editors write it, is not part of it."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        what, allowed = "there is no such file", "an avviso.toml; avviso init writes one"
    except OSError as error:
        what, allowed = f"can't be read: {error.strerror}", ""
    except UnicodeDecodeError as error:
        what, allowed = f"is not UTF-8 (byte {error.start})", "a TOML file in UTF-8"
    raise Mistakes([Mistake(str(file), "", what, allowed)])


def parse(text: str, file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.fullmatch(str(error))
        what, line, column = place.groups() if place else (str(error), None, None)
        key = f"{line}:{column}" if line else str(text.count("\n") + 1)
        raise Mistakes([Mistake(str(file), key, f"not TOML: {what}", "TOML 1.0")]) from None
