"""How does the mailer's process begin?"""

from __future__ import annotations

import multiprocessing
import threading
from pathlib import Path

from statuspage.mailer import mailer_ahead
from statuspage.settings import loads

CONFIGURATION = """
[site]
name = "Acme"
url = "https://status.acme.example"
[[components]]
id = "shop"
name = "Shop"
"""


def test_nothing_is_forked_beside_a_thread() -> None:
    """What the thread has locked, a child would find locked for ever."""
    settings = loads(CONFIGURATION, {}, Path("/nowhere/avviso.toml"))
    over = threading.Event()
    threading.Thread(target=over.wait, daemon=True).start()
    try:
        with mailer_ahead(settings) as mailer:
            assert mailer is None
            assert not multiprocessing.active_children()
    finally:
        over.set()
