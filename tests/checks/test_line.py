"""Does a line know whom it called and whether anybody picked up, whatever the name's addresses?"""

import asyncio
import socket

import pytest

from checks.dial import dial
from checks.line import Line
from checks.network import Network
from tests.checks.chaos import listening, silence
from tests.checks.conftest import PATIENCE

pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")


def line(network: Network) -> Line:
    return Line(network, PATIENCE)


def named(monkeypatch: pytest.MonkeyPatch, network: Network, *addresses: str) -> None:
    async def resolve(_: str) -> tuple[str, ...]:
        return addresses

    monkeypatch.setattr(network, "resolve", resolve)


async def test_before_anybody_was_called_nobody_was_reached(network: Network) -> None:
    assert not line(network).reached
    assert line(network).place == "the target"


async def test_who_accepts_was_reached(network: Network) -> None:
    async with listening(silence) as target:
        called = line(network)
        (await called.dial("127.0.0.1", target.port)).close()
    assert (called.reached, called.place) == (True, f"127.0.0.1:{target.port}")


@pytest.mark.parametrize("dead", ["::1", "127.0.0.2"])
async def test_a_dead_address_does_not_hide_the_next_one(
    network: Network, monkeypatch: pytest.MonkeyPatch, dead: str
) -> None:
    named(monkeypatch, network, dead, "127.0.0.1")
    async with listening(silence) as target:
        called = line(network)
        (await called.dial("shop.example", target.port)).close()
    assert (called.reached, called.address) == (True, "127.0.0.1")


async def test_a_silent_address_does_not_delay_the_next_one(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full backlog drops our packets, as a host does that is not there."""
    named(monkeypatch, network, "127.0.0.2", "127.0.0.1")
    async with listening(silence) as target:
        with socket.socket() as full, socket.socket() as first, socket.socket() as second:
            full.bind(("127.0.0.2", target.port))
            full.listen(0)
            for filling in (first, second):
                filling.setblocking(False)
                filling.connect_ex(("127.0.0.2", target.port))
            called = line(network)
            async with asyncio.timeout(2):
                (await called.dial("shop.example", target.port)).close()
    assert called.address == "127.0.0.1"


async def test_when_no_address_accepts_the_last_says_why(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    named(monkeypatch, network, "::1", "127.0.0.1")
    async with listening(silence) as target:
        pass
    called = line(network)
    with pytest.raises(ConnectionRefusedError):
        await called.dial("shop.example", target.port)
    assert not called.reached


async def test_a_dial_that_is_given_up_leaves_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[socket.socket] = []

    async def never(dialled: socket.socket, _: object) -> None:
        opened.append(dialled)
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", never)
    for addresses in (["127.0.0.1"], ["127.0.0.1", "::1"]):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.4):
                await dial(addresses, 1)
    assert len(opened) == 3
    await asyncio.sleep(0)  # the race's tasks are cancelled, and end with the loop's next turn
    assert all(dialled.fileno() == -1 for dialled in opened)


async def test_ipv6_is_written_in_brackets(network: Network) -> None:
    called = line(network)
    await called.resolve("::1", 5432)
    assert called.place == "[::1]:5432"
