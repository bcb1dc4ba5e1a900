"""How is a TCP connection opened when a host has several addresses?

As browsers do it (RFC 8305): the next address is tried after 250 ms or as soon as the one
before failed, and the first to accept wins. A customer with a dead IPv6 route notices
nothing, so neither does the probe.
"""

from __future__ import annotations

import asyncio
import socket
from asyncio.staggered import staggered_race
from collections.abc import Sequence
from functools import partial

HEAD_START = 0.25


async def dial(addresses: Sequence[str], port: int) -> tuple[str, socket.socket]:
    """The address that accepted and a connected, non-blocking socket; else the last OSError."""
    if len(addresses) == 1:
        return addresses[0], await _try(addresses[0], port)
    attempts = [partial(_try, address, port) for address in addresses]
    connected, index, errors = await staggered_race(attempts, HEAD_START)
    if connected is None or index is None:
        raise next(error for error in reversed(errors) if error is not None)
    return addresses[index], connected


async def _try(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    dialled = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        await asyncio.get_running_loop().sock_connect(dialled, (address, port))
    except BaseException:
        dialled.close()
        raise
    return dialled
