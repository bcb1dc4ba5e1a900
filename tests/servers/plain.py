"""How do the tests ask by plain HTTP, without reading the world's certificates first?

To read the authorities takes a client 50 ms, far longer than the question. So the tests' own
clients trust nobody, and what they start (`avviso`, too) finds one authority in place of the
system's: nothing but the loopback is contacted, and what is reached there by TLS says in its test
whom it trusts.
"""

import os
import ssl
from pathlib import Path

import httpx

TRUSTING_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
NOBODYS_AUTHORITY = Path(__file__).with_name("nobodys_authority.pem")
"""Its key was thrown away when it was made."""


def know_one_authority() -> None:
    """For this process, and those that it starts."""
    os.environ["SSL_CERT_FILE"] = str(NOBODYS_AUTHORITY)


def get(url: str, timeout: float = 2.0) -> httpx.Response:
    """A server's answer, on a connection of its own."""
    return httpx.get(url, timeout=timeout, trust_env=False, verify=TRUSTING_NOBODY)
