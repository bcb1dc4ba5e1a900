"""Which port may a server of the demo have, so that it can stop and come back on it?

Below 32768: from there on Linux chooses the local ends of outgoing connections, and a look
at a stopped server may then be given that very port as its own end. It would meet itself
(TCP's simultaneous open), and a dead server would look alive.
"""

from __future__ import annotations

import random
import socket

FIRST, LAST = 20_000, 32_000
HERE = "127.0.0.1"


def free_port(wished: int | None = None, *, taken: frozenset[int] = frozenset()) -> int:
    """The wished port when nobody has it, else one by chance; never one that is ``taken``."""
    chances = random.SystemRandom()
    port = wished or chances.randint(FIRST, LAST)
    while port in taken or not is_free(port):
        port = chances.randint(FIRST, LAST)
    return port


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of 127.0.0.1, and we may."""
    if not 0 < port < 65_536:
        return False
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HERE, port))
        except OSError:
            return False
    return True
