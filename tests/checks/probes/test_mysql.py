"""Does the mysql probe tell, on a real MariaDB, a refusal from an error and a wrong value?"""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import uvloop
from pydantic import ValidationError

from checks.network import Network
from checks.probes.mysql import Mysql
from checks.result import Fault, Grade
from tests.checks.chaos import CERTIFICATES, endless, listening, silence
from tests.checks.conftest import IMPATIENCE, PATIENCE, trusting_network
from tests.servers.mariadb import MariaDB


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"query": "SELECT id FROM orders", "expect": "1"},
        {"query": "SELECT repeat('x', 1000) FROM seq_1_to_100000"},
        {"query": "SELECT 1 FROM orders WHERE false"},
        {"query": "SELECT NULL"},
        {"query": "SET @a = 1"},
        {"query": "SELECT 7", "expect": "7", "read_only_is_down": True},
    ],
)
async def test_well(network: Network, shared_mariadb: MariaDB, settings: dict[str, Any]) -> None:
    result = await Mysql(dsn=shared_mariadb.dsn, **settings).run(network, PATIENCE)
    assert result.grade == Grade.WELL, result.says
    assert (result.reached, result.address) == (True, "127.0.0.1")
    assert result.latency_ms


@pytest.mark.parametrize(
    ("settings", "fault", "sentence"),
    [
        ({"query": "SELECT * FROM geheim"}, Fault.QUERY_ERROR,
         "The query failed: no such table (1146)."),
        ({"query": "SELEC geheim"}, Fault.QUERY_ERROR, "The query failed: parse error (1064)."),
        ({"expect": "2"}, Fault.WRONG_CONTENT, 'The query gave "1", expected "2".'),
        ({"query": "SELECT 1 FROM orders WHERE false", "expect": "2"}, Fault.WRONG_CONTENT,
         'The query gave no value, expected "2".'),
    ],
)  # fmt: skip
async def test_failing(
    network: Network,
    shared_mariadb: MariaDB,
    settings: dict[str, Any],
    fault: Fault,
    sentence: str,
) -> None:
    result = await Mysql(dsn=shared_mariadb.dsn, **settings).run(network, PATIENCE)
    assert (result.fault, result.says, result.reached) == (fault, sentence, True)


async def test_a_login_refused(network: Network, shared_mariadb: MariaDB) -> None:
    dsn = shared_mariadb.dsn.replace(":secret@", ":geheim@")
    result = await Mysql(dsn=dsn).run(network, PATIENCE)
    assert (result.fault, result.says) == (Fault.LOGIN_REFUSED, "The server refused the login.")
    assert result.reached


async def test_up_but_read_only(network: Network, mariadb: MariaDB) -> None:
    probe = Mysql(dsn=mariadb.dsn, read_only_is_down=True)
    mariadb.execute("SET GLOBAL read_only = 1")
    result = await probe.run(network, PATIENCE)
    assert (result.fault, result.says) == (Fault.READ_ONLY, "The database is read-only.")


async def test_no_query_stays_on_the_server_after_the_look(
    network: Network, shared_mariadb: MariaDB
) -> None:
    slow = Mysql(dsn=shared_mariadb.dsn, query="SELECT sleep(60) AS lingering")
    began = time.monotonic()
    result = await slow.run(network, IMPATIENCE)
    assert (result.fault, result.reached) == (Fault.TIMED_OUT, True)
    assert time.monotonic() - began < 0.8
    running = (
        "SELECT count(*) FROM information_schema.processlist "
        "WHERE info LIKE '%AS lingering' AND id <> connection_id()"
    )
    gone = Mysql(dsn=shared_mariadb.dsn, query=running, expect="0")
    async with asyncio.timeout(5):
        while (await gone.run(network, PATIENCE)).grade != Grade.WELL:
            pass


async def test_stopped_and_started_again(network: Network, mariadb: MariaDB) -> None:
    probe = Mysql(dsn=mariadb.dsn)
    mariadb.stop()
    down = await probe.run(network, PATIENCE)
    assert (down.fault, down.reached, down.latency_ms) == (Fault.REFUSED, False, None)
    assert down.says == f"Connection refused by 127.0.0.1:{mariadb.port}."
    mariadb.start()
    assert (await probe.run(network, PATIENCE)).grade == Grade.WELL


async def test_a_server_that_accepts_and_never_greets_does_not_hold_the_look(
    network: Network,
) -> None:
    """aiomysql's own connect_timeout would: it ends with the TCP connection."""
    async with listening(silence) as target:
        began = time.monotonic()
        probe = Mysql(dsn=f"mysql://u:geheim@127.0.0.1:{target.port}/x")
        result = await probe.run(network, IMPATIENCE)
    assert time.monotonic() - began < 0.8
    assert (result.fault, result.reached) == (Fault.TIMED_OUT, True)


async def test_whoever_is_no_mysql(network: Network) -> None:
    async def look(port: int) -> tuple[Fault | None, bool]:
        result = await Mysql(dsn=f"mysql://u:geheim@127.0.0.1:{port}/x").run(network, PATIENCE)
        assert "geheim" not in result.says
        return result.fault, result.reached

    async with listening(endless(b"\x05\x00\x00\x00hello", b"", 1)) as nonsense:
        assert await look(nonsense.port) == (Fault.PROTOCOL_ERROR, True)
    async with listening(endless(b"220 mail.acme.example\r\n", b"x" * 999, 0.01)) as mail:
        assert (await look(mail.port))[0] in (Fault.PROTOCOL_ERROR, Fault.QUERY_ERROR)
    async with listening(hang_up) as leaving:
        assert await look(leaving.port) == (Fault.CLOSED, True)


async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def test_a_name_with_a_dead_address_is_well(
    network: Network, shared_mariadb: MariaDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(_: str) -> tuple[str, ...]:
        return ("::1", "127.0.0.1")

    monkeypatch.setattr(network, "resolve", resolve)
    dsn = shared_mariadb.dsn.replace("127.0.0.1", "db.acme.example")
    result = await Mysql(dsn=dsn).run(network, PATIENCE)
    assert (result.grade, result.address) == (Grade.WELL, "127.0.0.1"), result.says


class SecureMariaDB(MariaDB):
    """A MariaDB that speaks TLS; its certificate is for localhost and 127.0.0.1."""

    def prepare(self) -> None:
        super().prepare()
        self.write("tls.pem", (CERTIFICATES / "trusted.pem").read_text())

    def command(self) -> Sequence[str | Path]:
        path = self.folder / "tls.pem"
        return [*super().command(), f"--ssl-cert={path}", f"--ssl-key={path}"]


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_tls_as_the_connection_string_says(shared_mariadb: MariaDB, run: Any) -> None:
    async def look(dsn: str, *, trust: bool = True) -> tuple[Fault | None, str]:
        async with trusting_network() as network:
            if not trust:
                del network.verifying
            result = await Mysql(dsn=dsn, query=encrypted, expect="yes").run(network, PATIENCE)
            return result.fault, result.says

    encrypted = (
        "SELECT if(variable_value = '', 'no', 'yes') FROM information_schema.session_status "
        "WHERE variable_name = 'Ssl_cipher'"
    )
    with SecureMariaDB() as secure:
        for mode in ("", "?tls=prefer", "?tls=require", "?tls=verify"):
            assert run(look(secure.dsn + mode)) == (None, "The query was answered.")
        assert run(look(secure.dsn + "?tls=never"))[1] == 'The query gave "no", expected "yes".'
        assert run(look(secure.dsn + "?tls=verify", trust=False)) == (
            Fault.TLS,
            "TLS: the issuer of the certificate is not known.",
        )
    assert run(look(shared_mariadb.dsn + "?tls=require")) == (
        Fault.TLS,
        "TLS: the server does not offer it.",
    )


@pytest.mark.parametrize(
    "dsn",
    [
        "",
        "geheim",
        "postgresql://u:geheim@a/x",
        "mysql://u:geheim@/x",
        "mysql://u:geheim@a:99999/x",
        "mysql://u:geheim@a/x?tls=perhaps",
        "mysql://u:geheim@a/x?nonsense=1",
    ],
)
def test_a_wrong_connection_string_is_told_without_its_password(dsn: str) -> None:
    with pytest.raises(ValidationError) as mistake:
        Mysql(dsn=dsn)
    assert "geheim" not in str(mistake.value)
    assert "geheim" not in repr(Mysql(dsn="mysql://u:geheim@a/x"))
