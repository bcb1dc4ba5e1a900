"""How are pages dressed?

Each page holds its sheet, so that it is one request; the hash lets its policy forbid every
other style. The sheet of the banner is its own: it stands on other people's pages, and few
bytes are all that it may cost there.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from pathlib import Path

_FOLDER = Path(__file__).parent


def _bare(name: str) -> str:
    """The style sheet without its comments and the white space that only people need."""
    written = (_FOLDER / name).read_text(encoding="utf-8")
    bare = re.sub(r"/\*.*?\*/", "", written, flags=re.DOTALL)
    return re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"\s+", " ", bare)).replace(";}", "}").strip()


def _hash(sheet: str) -> str:
    """As a policy writes it (CSP 3, 6.7.3.3)."""
    return "sha256-" + b64encode(hashlib.sha256(sheet.encode()).digest()).decode()


STYLE, BANNER = _bare("style.css"), _bare("banner.css")
STYLE_HASH, BANNER_HASH = _hash(STYLE), _hash(BANNER)
