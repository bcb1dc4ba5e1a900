"""Does the postgresql probe tell, on a real server, a refusal from an error and a wrong value?"""

import asyncio
import os
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import uvloop
from pydantic import ValidationError

from checks.network import Network
from checks.probes.postgresql import Postgresql
from checks.result import Fault, Grade
from tests.checks.chaos import AUTHORITY, CERTIFICATES, endless, goodbye, listening, silence
from tests.checks.conftest import IMPATIENCE, PATIENCE
from tests.servers.postgresql import PostgreSQL


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"query": "SELECT 42", "expect": "42"},
        {"query": "SELECT true", "expect": "t"},
        {"query": "SELECT repeat('x', 100000) FROM generate_series(1, 100)"},
        {"query": "SELECT 1 WHERE false"},
        {"query": "SELECT NULL"},
        {"query": "DO $$ BEGIN END $$"},
        {"read_only_is_down": True, "query": "SELECT 7", "expect": "7"},
    ],
)
async def test_well(
    network: Network, shared_postgresql: PostgreSQL, settings: dict[str, Any]
) -> None:
    result = await Postgresql(dsn=shared_postgresql.dsn, **settings).run(network, PATIENCE)
    assert result.grade == Grade.WELL, result.says
    assert (result.reached, result.address) == (True, "127.0.0.1")
    assert result.latency_ms


async def test_a_name_with_a_dead_address_is_well(
    network: Network, shared_postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(_: str) -> tuple[str, ...]:
        return ("::1", "127.0.0.1")

    monkeypatch.setattr(network, "resolve", resolve)
    dsn = shared_postgresql.dsn.replace("127.0.0.1", "db.acme.example")
    result = await Postgresql(dsn=dsn).run(network, PATIENCE)
    assert (result.grade, result.address) == (Grade.WELL, "127.0.0.1"), result.says


@pytest.mark.parametrize(
    ("settings", "fault", "sentence"),
    [
        ({"query": "SELECT * FROM geheim"}, Fault.QUERY_ERROR,
         "The query failed: undefined table (42P01)."),
        ({"query": "SELEC geheim"}, Fault.QUERY_ERROR, "The query failed: syntax error (42601)."),
        ({"query": "SELECT 1/0"}, Fault.QUERY_ERROR, "The query failed: division by zero (22012)."),
        ({"expect": "2"}, Fault.WRONG_CONTENT, 'The query gave "1", expected "2".'),
        ({"query": "SELECT NULL", "expect": "2"}, Fault.WRONG_CONTENT,
         'The query gave no value, expected "2".'),
        ({"query": "SELECT repeat('x', 99)", "expect": "2"}, Fault.WRONG_CONTENT,
         'The query gave a long text, expected "2".'),
    ],
)  # fmt: skip
async def test_failing(
    network: Network,
    shared_postgresql: PostgreSQL,
    settings: dict[str, Any],
    fault: Fault,
    sentence: str,
) -> None:
    result = await Postgresql(dsn=shared_postgresql.dsn, **settings).run(network, PATIENCE)
    assert (result.fault, result.says, result.reached) == (fault, sentence, True)


@pytest.mark.parametrize("change", [("/postgres", "/geheim"), ("avviso@", "geheim:geheim@")])
async def test_a_login_refused(
    network: Network, shared_postgresql: PostgreSQL, change: tuple[str, str]
) -> None:
    dsn = shared_postgresql.dsn.replace(*change)
    result = await Postgresql(dsn=dsn).run(network, PATIENCE)
    assert result.fault == Fault.LOGIN_REFUSED
    assert result.says == "The server refused the login."
    assert result.reached


async def test_up_but_read_only(network: Network, shared_postgresql: PostgreSQL) -> None:
    with shared_postgresql.database() as dsn:
        name = dsn.rsplit("/", 1)[1]
        shared_postgresql.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        strict = await Postgresql(dsn=dsn, read_only_is_down=True).run(network, PATIENCE)
        lax = await Postgresql(dsn=dsn).run(network, PATIENCE)
    assert (strict.fault, strict.says) == (Fault.READ_ONLY, "The database is read-only.")
    assert lax.grade == Grade.WELL


async def test_no_query_stays_on_the_server_after_the_look(
    network: Network, shared_postgresql: PostgreSQL
) -> None:
    dsn = shared_postgresql.dsn
    slow = Postgresql(dsn=dsn, query="SELECT pg_sleep(60) AS lingering")
    began = time.monotonic()
    result = await slow.run(network, IMPATIENCE)
    assert (result.fault, result.reached) == (Fault.TIMED_OUT, True)
    assert time.monotonic() - began < 0.8
    running = (
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' "
        "AND query LIKE '%AS lingering' AND pid <> pg_backend_pid()"
    )
    gone = Postgresql(dsn=dsn, query=running, expect="0")
    async with asyncio.timeout(5):
        while (await gone.run(network, PATIENCE)).grade != Grade.WELL:
            pass


async def test_stopped_and_started_again(network: Network, postgresql: PostgreSQL) -> None:
    probe = Postgresql(dsn=postgresql.dsn)
    assert (await probe.run(network, PATIENCE)).grade == Grade.WELL
    postgresql.stop()
    down = await probe.run(network, PATIENCE)
    assert (down.fault, down.reached, down.latency_ms) == (Fault.REFUSED, False, None)
    assert down.says == f"Connection refused by 127.0.0.1:{postgresql.port}."
    postgresql.start()
    assert (await probe.run(network, PATIENCE)).grade == Grade.WELL


async def test_whoever_is_no_postgresql(network: Network) -> None:
    async def look(port: int) -> tuple[Fault | None, bool]:
        probe = Postgresql(dsn=f"postgresql://u:geheim@127.0.0.1:{port}/x")
        result = await probe.run(network, IMPATIENCE)
        assert "geheim" not in result.says
        return result.fault, result.reached

    async with listening(silence) as silent, listening(goodbye) as leaving:
        assert await look(silent.port) == (Fault.TIMED_OUT, True)
        assert await look(leaving.port) == (Fault.CLOSED, True)
    async with listening(endless(b"220 mail.acme.example\r\n", b"", 1)) as mail:
        assert await look(mail.port) == (Fault.PROTOCOL_ERROR, True)


class SecurePostgreSQL(PostgreSQL):
    """A PostgreSQL that speaks TLS, with a certificate of the tests' authority."""

    def prepare(self) -> None:
        super().prepare()
        path = self.write("tls.pem", (CERTIFICATES / "trusted.pem").read_text())
        path.chmod(0o600)
        if self.user:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def command(self) -> Sequence[str | Path]:
        path = self.folder / "tls.pem"
        files = [f"ssl_cert_file={path}", f"ssl_key_file={path}", "ssl=on"]
        return [*super().command(), *(word for file in files for word in ("-c", file))]


async def test_tls_is_verified_as_the_connection_string_says(
    network: Network, shared_postgresql: PostgreSQL
) -> None:
    verified = f"?sslmode=verify-full&sslrootcert={AUTHORITY}"
    with SecurePostgreSQL() as secure:
        well = await Postgresql(dsn=secure.dsn + verified).run(network, PATIENCE)
        unknown = f"?sslmode=verify-full&sslrootcert={CERTIFICATES / 'self_signed.pem'}"
        untrusted = await Postgresql(dsn=secure.dsn + unknown).run(network, PATIENCE)
    assert well.grade == Grade.WELL, well.says
    assert (untrusted.fault, untrusted.says) == (
        Fault.TLS,
        "TLS: the certificate can't be verified.",
    )
    plain = await Postgresql(dsn=shared_postgresql.dsn + verified).run(network, PATIENCE)
    assert (plain.fault, plain.says) == (Fault.TLS, "TLS: the server does not offer it.")


def test_the_loop_of_the_program_serves_as_well(shared_postgresql: PostgreSQL) -> None:
    async def look() -> Grade:
        async with Network() as network:
            return (await Postgresql(dsn=shared_postgresql.dsn).run(network, PATIENCE)).grade

    assert uvloop.run(look()) == Grade.WELL


@pytest.mark.parametrize(
    "dsn",
    [
        "",
        "geheim",
        "postgresql:///geheim",
        "postgresql://u:geheim@a,b/x",
        "postgresql://u:geheim@a:0/x",
        "postgresql://u:geheim@a/x?nonsense=1",
        "host=/run/postgresql password=geheim",
    ],
)
def test_a_wrong_connection_string_is_told_without_its_password(dsn: str) -> None:
    with pytest.raises(ValidationError) as mistake:
        Postgresql(dsn=dsn)
    assert "postgresql://user:password@host:port/name" in str(mistake.value)
    assert "geheim" not in str(mistake.value)


def test_key_and_value_pairs_are_a_connection_string_too() -> None:
    probe = Postgresql(dsn="host=127.0.0.1 port=5432 user=u password=geheim")
    assert "geheim" not in repr(probe)


async def test_a_long_timeout_is_a_legal_statement_timeout(
    network: Network, shared_postgresql: PostgreSQL
) -> None:
    result = await Postgresql(dsn=shared_postgresql.dsn).run(network, timedelta(days=90))
    assert result.grade == Grade.WELL, result.says
