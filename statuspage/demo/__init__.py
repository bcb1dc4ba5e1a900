"""How does a newcomer see the whole program at work, in a minute, on their own machine?

A small shop with a database of its own, both real processes, which can be broken and
mended by a button; Avviso watching it exactly as it would in production; and a mailbox
that shows every letter as it was sent. What is only for the demo lies in this folder, and
nothing above or beside it but the cli knows it: ``serve`` has none of its addresses.

The children are started as ``python -m statuspage.demo.shop``: importing this package must
stay cheap, so what ``run`` needs is imported when it is called.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from statuspage.errors import Misuse
from statuspage.garbage import kept_for_good

_EXTRA = ("aiosmtpd", "fakeredis")


def run(port: int, folder: Path | None) -> None:
    """Run the demo on 127.0.0.1 until SIGTERM or SIGINT.

    ``folder`` keeps the store for the next time; None: a fresh one, removed at the end.
    Raises ``Stop`` when the port is taken, ``Misuse`` when the extra is not installed.
    """
    missing = [name for name in _EXTRA if find_spec(name) is None]
    if missing:
        raise Misuse(
            f"The demo also needs {' and '.join(missing)}: pip install 'avviso[demo]', "
            "or make setup in a checkout."
        )
    with kept_for_good():
        from statuspage.demo.running import run_until_stopped  # noqa: PLC0415  see above

    run_until_stopped(port, folder)
