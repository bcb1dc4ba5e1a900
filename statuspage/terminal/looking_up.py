"""Whom does an operator mean, by a mail address, a hook's or an id?"""

from __future__ import annotations

from statuspage.errors import Misuse
from statuspage.terminal.connection import ask


def id_of(who: str) -> str:
    """Raises ``Misuse`` where nobody has the address."""
    if "@" not in who and "://" not in who:
        return who
    found = ask("GET", "/subscribers", query={"address": who}).told["items"]
    if not found:
        raise Misuse("Nobody has this address.")
    return str(found[0]["id"])
