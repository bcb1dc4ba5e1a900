"""What is sent in place of the application, and what when Avviso's words cannot be had?

Nothing here asks anybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

PASSED_ON = frozenset(
    {
        *("content-type", "content-language", "content-security-policy"),
        *("cache-control", "retry-after", "vary"),
        *("x-content-type-options", "referrer-policy", "permissions-policy"),
    }
)
"""Of the notice's headers. What speaks of a connection, or of its host, is not ours to say."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A whole answer of status 503: header fields with names in lower case, and the body."""

    fields: tuple[tuple[str, str], ...]
    body: bytes


def told(fields: Iterable[tuple[str, str]], body: bytes) -> Notice:
    """What Avviso answered, for the application's own visitor."""
    kept = [(name.lower(), value) for name, value in fields if name.lower() in PASSED_ON]
    return Notice((*kept, _length(body)), body)


def _length(body: bytes) -> tuple[str, str]:
    return "content-length", str(len(body))


_WORDS = """\
This site cannot be used at the moment. We know about it.
Please try again in a few minutes.

Al momento questo sito non è utilizzabile. Ne siamo a conoscenza.
La preghiamo di riprovare tra qualche minuto.
""".encode()

WORDLESS = told(
    [
        ("content-type", "text/plain; charset=utf-8"),
        ("content-language", "en, it"),
        ("cache-control", "no-store"),
        ("retry-after", "30"),
        ("x-content-type-options", "nosniff"),
    ],
    _WORDS,
)
"""The gate is shut, and the notice does not come: in both languages, as none could be asked for.
It promises nothing, since nobody is there to keep it.
"""
