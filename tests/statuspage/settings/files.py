"""The smallest configuration that loads, to which a test adds what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from statuspage.settings import Mistakes, Settings, loads

SITE = '[site]\nname = "Acme"\nurl = "https://status.acme.example"\n'
SHOP = '[[components]]\nid = "shop"\nname = "Shop"\n'
HTTP = '[[components.checks]]\nkind = "http"\nurl = "https://shop.acme.example/"\n'
SMALLEST = SITE + SHOP + HTTP
FILE = Path("/etc/avviso/avviso.toml")


def settings(text: str = SMALLEST, **environ: str) -> Settings:
    return loads(text, environ, FILE)


def mistakes(text: str, environ: Mapping[str, str] | None = None) -> list[str]:
    """What is wrong with a text, as it is printed; the file's name is left out."""
    try:
        loads(text, environ or {}, FILE)
    except Mistakes as wrong:
        return [str(mistake).removeprefix(f"{FILE}:") for mistake in wrong.mistakes]
    return []
