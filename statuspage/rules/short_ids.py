"""Which short id does the same thing always get?

As short as those that we make by chance, and of the same letters; but from what it names, so
that it is known before there is a row, and in every process alike.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


@lru_cache(maxsize=1024)
def short_id(*parts: object) -> str:
    """12 characters [a-z0-9], always the same for the same parts."""
    digest = hashlib.sha256("\n".join(str(part) for part in parts).encode("utf-8", "replace"))
    number = int.from_bytes(digest.digest())
    return "".join(_LETTERS[number // 36**place % 36] for place in range(12))
