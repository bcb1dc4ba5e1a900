"""Does the redis probe tell, on a real server, a refusal from an error?"""

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import uvloop
from pydantic import ValidationError

from checks.network import Network
from checks.probes.redis import Redis
from checks.result import Fault, Grade
from tests.checks.chaos import AUTHORITY, CERTIFICATES, Behaviour, endless, listening, silence
from tests.checks.conftest import IMPATIENCE, PATIENCE, trusting_network
from tests.servers.ports import answers
from tests.servers.redis import Redis as Server


@pytest.mark.parametrize("command", ["PING", "ping", "SET a 'two words'", "GET nothing", "INFO"])
async def test_well(network: Network, shared_redis: Server, command: str) -> None:
    result = await Redis(dsn=shared_redis.dsn, command=command).run(network, PATIENCE)
    assert result.grade == Grade.WELL, result.says
    assert (result.reached, result.address) == (True, "127.0.0.1")
    assert result.latency_ms


@pytest.mark.parametrize(
    ("dsn", "command", "fault", "sentence"),
    [
        ("redis://127.0.0.1:{}", "GEHEIM 1", Fault.QUERY_ERROR, "The command failed: ERR."),
        ("redis://127.0.0.1:{}", "LPUSH text 1", Fault.QUERY_ERROR,
         "The command failed: WRONGTYPE."),
        ("redis://u:geheim@127.0.0.1:{}", "PING", Fault.LOGIN_REFUSED,
         "The server refused the login."),
    ],
)  # fmt: skip
async def test_failing(
    network: Network, shared_redis: Server, dsn: str, command: str, fault: Fault, sentence: str
) -> None:
    await Redis(dsn=shared_redis.dsn, command="SET text 1").run(network, PATIENCE)
    probe = Redis(dsn=dsn.format(shared_redis.port), command=command)
    result = await probe.run(network, PATIENCE)
    assert (result.fault, result.says, result.reached) == (fault, sentence, True)


async def test_a_password_is_asked_for(network: Network, redis_server: Server) -> None:
    dsn = redis_server.dsn
    assert (await Redis(dsn=dsn, command="CONFIG SET requirepass s3").run(network, PATIENCE)).grade
    without = await Redis(dsn=dsn).run(network, PATIENCE)
    with_it = await Redis(dsn=dsn.replace("://", "://:s3@")).run(network, PATIENCE)
    assert (without.fault, with_it.grade) == (Fault.LOGIN_REFUSED, Grade.WELL)


async def test_stopped_and_started_again(network: Network, redis_server: Server) -> None:
    probe = Redis(dsn=redis_server.dsn)
    redis_server.stop()
    down = await probe.run(network, PATIENCE)
    assert (down.fault, down.reached, down.latency_ms) == (Fault.REFUSED, False, None)
    assert down.says == f"Connection refused by 127.0.0.1:{redis_server.port}."
    redis_server.start()
    assert (await probe.run(network, PATIENCE)).grade == Grade.WELL


async def test_a_look_is_one_try(network: Network) -> None:
    """Three tries in one look would hide two failures."""
    tries = 0

    async def slam(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tries
        tries += 1
        await reader.read(1)
        writer.close()

    async with listening(slam) as target:
        result = await Redis(dsn=f"redis://127.0.0.1:{target.port}").run(network, PATIENCE)
    assert (result.fault, result.reached, tries) == (Fault.CLOSED, True, 1)


@pytest.mark.parametrize(
    ("behaviour", "fault"),
    [
        (silence, Fault.TIMED_OUT),
        (endless(b"$5\r\n", b"", 1), Fault.TIMED_OUT),
        (endless(b"", b"+P", 0.01), Fault.TIMED_OUT),
        (endless(b"", b"x" * 100_000), Fault.PROTOCOL_ERROR),
        (endless(b"220 mail.acme.example\r\n", b"", 1), Fault.PROTOCOL_ERROR),
        (endless(b"-LOADING geheim\r\n", b"", 1), Fault.NOT_READY),
        (endless(b"-MASTERDOWN geheim\r\n", b"", 1), Fault.NOT_READY),
        (endless(b"-ERR max number of clients reached\r\n", b"", 1), Fault.NOT_READY),
        (endless(b"-READONLY geheim\r\n", b"", 1), Fault.READ_ONLY),
        (endless(b"-NOPERM geheim\r\n", b"", 1), Fault.LOGIN_REFUSED),
        (endless(b"-geheim\r\n", b"", 1), Fault.QUERY_ERROR),
    ],
)
async def test_whatever_it_says_ends_in_time_and_is_named(
    network: Network, behaviour: Behaviour, fault: Fault
) -> None:
    async with listening(behaviour) as target:
        began = time.monotonic()
        result = await Redis(dsn=f"redis://127.0.0.1:{target.port}").run(network, IMPATIENCE)
    assert time.monotonic() - began < 0.8
    assert (result.fault, result.reached) == (fault, True), result.says
    assert "geheim" not in result.says


class SecureRedis(Server):
    """A Redis that speaks TLS only."""

    def command(self) -> Sequence[str | Path]:
        path = self.write("tls.pem", (CERTIFICATES / "trusted.pem").read_text())
        if self.user:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)
        plain = [str(word) for word in super().command()]
        plain[plain.index("--port") + 1] = "0"
        # a copy: where the checkout lies, the server's user may not be let in
        authority = self.write("authority.pem", AUTHORITY.read_text())
        tls = {"tls-port": str(self.port), "tls-cert-file": str(path), "tls-key-file": str(path)}
        more = [word for key, value in tls.items() for word in (f"--{key}", value)]
        return [*plain, *more, "--tls-auth-clients", "no", "--tls-ca-cert-file", str(authority)]

    def ask(self) -> None:
        """Whoever asks in plain text is told nothing: that it listens must do."""
        if not answers(self.port):
            raise ConnectionRefusedError(self.port)


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_tls_is_verified(run: object) -> None:
    async def look(dsn: str, *, trust: bool) -> tuple[Grade, str]:
        async with trusting_network() as network:
            if not trust:
                del network.verifying
            result = await Redis(dsn=dsn).run(network, PATIENCE)
            return result.grade, result.says

    assert callable(run)
    with SecureRedis() as secure:
        dsn = secure.dsn.replace("redis://", "rediss://")
        assert run(look(dsn, trust=True)) == (Grade.WELL, "The command was answered.")
        grade, says = run(look(dsn, trust=False))
    assert grade == Grade.FAILED
    assert says == "TLS: the chain ends in a self-signed certificate that is not trusted."


@pytest.mark.parametrize(
    ("dsn", "command"),
    [
        ("geheim", "PING"),
        ("http://u:geheim@a", "PING"),
        ("redis://u:geheim@a/zero", "PING"),
        ("redis://u:geheim@a?retry=3", "PING"),
        ("redis://u:geheim@a", ""),
        ("redis://u:geheim@a", "SET a 'b"),
    ],
)
def test_wrong_settings_are_told_without_their_password(dsn: str, command: str) -> None:
    with pytest.raises(ValidationError) as mistake:
        Redis(dsn=dsn, command=command)
    assert "geheim" not in str(mistake.value)
