"""How does a text stand in a spreadsheet's cell, and come out of it again?

What a spreadsheet would take for a formula gets an apostrophe before it (OWASP ASVS 5.0,
1.2.10), which it does not show; a text that looks as if it had one gets one more, so that
whatever went out comes back as it was.
"""

from __future__ import annotations

import re

_FORMULA = re.compile("'*[=+\\-@\t\r\0＝＋－＠]")


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The text of a cell that was guarded, or never needed it."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
