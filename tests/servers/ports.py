"""Which port may a test's server have, so that it can stop and come back on the same one?

Ports are taken from below 32768. Above it Linux chooses the local ends of outgoing connections,
and a probe that connects to a stopped server there may be given that very port as its own end:
it then meets itself (TCP's simultaneous open), and a dead server looks alive.
"""

import random
import socket

FIRST, LAST = 20_000, 32_000


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on, outside the outgoing range."""
    while True:
        port = random.SystemRandom().randint(FIRST, LAST)
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def answers(port: int) -> bool:
    """Whether something accepts a connection on this port of 127.0.0.1."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
