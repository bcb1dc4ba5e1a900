"""How are pages dressed?

Each page holds its sheet, so that it is one request; the hash lets its policy forbid every
other style. The sheet of the banner is its own: it stands on other people's pages, and few
bytes are all that it may cost there. A company's own colour is a few bytes behind the sheet,
and so a part of what the hash counts.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from functools import lru_cache
from pathlib import Path

from statuspage.rules.dress import Dress

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
_LOGO, _ACCENT = _bare("logo.css"), _bare("accent.css")
BANNER_HASH = _hash(BANNER)
_BY_NIGHT = "@media (prefers-color-scheme: dark)"


@lru_cache(maxsize=16)
def style_of(dress: Dress) -> tuple[str, str]:
    """The sheet with what a company's logo and colour need, and its hash."""
    sheet = STYLE + (_LOGO if dress.logo else "")
    if dress.accent:
        by_day, by_night = (f":root{{--accent:{colour}}}" for colour in dress.accent)
        sheet += f"{by_day}{_BY_NIGHT}{{{by_night}}}{_ACCENT}"
    return sheet, _hash(sheet)
