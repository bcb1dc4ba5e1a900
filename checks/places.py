"""Where may a probe look, and how is the place written in settings?

Connection strings hold passwords: they are ``SecretStr``, and no error text quotes them.
Nothing here looks at a clock, a socket or a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import Field, SecretStr, StringConstraints

Host = Annotated[str, StringConstraints(pattern=r"^[^\s/@\[\]]+$", max_length=253)]
Port = Annotated[int, Field(ge=1, le=65535)]


@dataclass(frozen=True, slots=True)
class Dsn:
    """A connection string ``scheme://user:password@host:port/name?option=value``, taken apart."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = None
    name: str = ""
    options: tuple[tuple[str, str], ...] = ()

    def option(self, key: str, default: str) -> str:
        return dict(self.options).get(key, default)

    def __repr__(self) -> str:
        return f"Dsn({self.scheme}://{self.host}:{self.port})"


def read_dsn(dsn: SecretStr, ports: dict[str, int], options: frozenset[str]) -> Dsn:
    """Take a connection string apart; ``ports`` are the allowed schemes with their usual port.

    Raises ValueError that says what is allowed and quotes nothing of the string's secrets.
    """
    allowed = f"allowed is {next(iter(ports))}://user:password@host:port/name"
    try:
        parts = urlsplit(dsn.get_secret_value())
        port = parts.port
    except ValueError:
        raise ValueError(f"not a connection string; {allowed}") from None
    if parts.scheme not in ports or not parts.hostname:
        raise ValueError(f"not a connection string of this kind; {allowed}")
    chosen = tuple(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := {key for key, _ in chosen} - options:
        raise ValueError(f"unknown option {sorted(unknown)}; allowed are {sorted(options)}")
    return Dsn(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or ports[parts.scheme],
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        name=unquote(parts.path.lstrip("/")),
        options=chosen,
    )
