"""How do we listen?

For a client to be worth its connection see ``guarded``; for answers that lie ready,
``shortcut``; for how many at a time, ``room``.

uvicorn's own reading of X-Forwarded-For is off: whose address counts is decided in
``rules.limits.client_address``. Its access log is off too, for addresses of pages may
hold a subscriber's secret.
"""

from __future__ import annotations

from starlette.types import ASGIApp
from uvicorn import Config

from statuspage.guarded import HEADER_BYTES, HEADER_S, IDLE_S, Guarded
from statuspage.room import most_connections
from statuspage.shortcut import AtOnce, Shortcut

GRACE_S = 5
"""How long requests that are being answered may still take when we are to stop."""


def serve_config(
    app: ASGIApp,
    host: str,
    port: int,
    *,
    at_once: AtOnce | None = None,
    header_s: float = HEADER_S,
    header_bytes: int = HEADER_BYTES,
    idle_s: int = IDLE_S,
    grace_s: int = GRACE_S,
    most: int | None = None,
) -> Config:
    """Uvicorn's settings for a server on the open Internet. Logging is the caller's.

    ``at_once`` knows the answers that lie ready, as ``app`` would give them; ``most`` is how
    many connections there may be, else as many as the limit of files leaves room for.
    """
    limits = {
        "header_s": header_s,
        "header_bytes": header_bytes,
        "idle_s": idle_s,
        "most": most_connections() if most is None else most,
    }
    return Config(
        app,
        host=host,
        port=port,
        http=_connection(at_once, limits),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=idle_s,
        timeout_graceful_shutdown=grace_s,
    )


def _connection(at_once: AtOnce | None, limits: dict[str, float]) -> type[Guarded]:
    """Connections are made of one class, so what they know is the class's."""
    if at_once is None:
        return type("GuardedWithLimits", (Guarded,), dict(limits))
    return type("ShortcutWithLimits", (Shortcut,), {**limits, "at_once": at_once})
