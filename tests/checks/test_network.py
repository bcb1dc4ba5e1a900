"""Are names looked up beside each other, contexts shared, and our own connection judged?"""

import asyncio
import socket
import ssl
import threading
import time
from datetime import timedelta

import pytest

from checks.network import RESOLVER_THREADS, Network
from tests.checks.chaos import listening, silence
from tests.checks.conftest import IMPATIENCE, PATIENCE


async def test_one_dead_resolver_does_not_slow_the_others(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The default executor has 6 threads on 2 cores: 24 names would take four times as long."""
    together = threading.Barrier(24)

    def slow(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        together.wait(timeout=5)  # passes only when all 24 are being looked up at once
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("192.0.2.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    found = await asyncio.gather(*(network.resolve(f"h{n}.example") for n in range(24)))
    assert found == [("192.0.2.1",)] * 24
    assert RESOLVER_THREADS >= 24


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_an_address_asks_no_resolver(
    network: Network, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.delattr(socket, "getaddrinfo")
    assert await network.resolve(address) == (address,)


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example", ""])
async def test_what_is_no_name_is_not_found(network: Network, host: str) -> None:
    with pytest.raises(socket.gaierror):
        await network.resolve(host)


def test_a_context_is_built_once_and_checks_or_does_not() -> None:
    network = Network()
    assert network.tls(verify=True) is network.tls(verify=True)
    assert network.tls(verify=True).verify_mode == ssl.CERT_REQUIRED
    assert network.tls(verify=True).check_hostname
    assert network.tls(verify=False) is network.tls(verify=False)
    assert network.tls(verify=False).verify_mode == ssl.CERT_NONE


async def test_contexts_are_ready_before_the_first_look(network: Network) -> None:
    began = time.perf_counter()
    network.tls(verify=True)
    network.tls(verify=False)
    assert time.perf_counter() - began < 0.01


async def test_reachable_when_any_reference_accepts(network: Network) -> None:
    async with listening(silence) as alive:
        here = f"tcp://127.0.0.1:{alive.port}"
        assert await network.reachable([here], PATIENCE)
        assert await network.reachable(["tcp://127.0.0.1:1", "tcp://x.invalid:1", here], PATIENCE)
    assert not await network.reachable([here, "tcp://127.0.0.1:1"], PATIENCE)


async def test_no_reference_is_no_reason_to_doubt(network: Network) -> None:
    assert await network.reachable([], IMPATIENCE)


async def test_references_are_asked_at_once_and_no_longer_than_allowed(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def hang(host: str) -> tuple[str, ...]:
        asked.append(host)
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(network, "resolve", hang)
    began = time.monotonic()
    targets = [f"tcp://r{n}.example:53" for n in range(4)]
    assert not await network.reachable(targets, timedelta(milliseconds=100))
    assert time.monotonic() - began < 0.5
    assert asked == [f"r{n}.example" for n in range(4)]


async def test_an_answer_need_not_wait_for_the_silent_ones(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = network.resolve

    async def hang(host: str) -> tuple[str, ...]:
        if host == "silent.example":
            await asyncio.Event().wait()
        return await resolve(host)

    monkeypatch.setattr(network, "resolve", hang)
    async with listening(silence) as alive:
        targets = ["tcp://silent.example:53", f"tcp://127.0.0.1:{alive.port}"]
        async with asyncio.timeout(2):
            assert await network.reachable(targets, timedelta(seconds=30))
