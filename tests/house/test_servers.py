"""Do the tests' own servers do what tests rely on: answer, refuse, come back, leave nothing?"""

import os
import pwd
import smtplib
import subprocess
import sys
import tempfile
import time
from email.message import EmailMessage
from pathlib import Path

import httpx
import psycopg
import pytest
from playwright.async_api import Browser

from tests.servers.belongings import processes_of
from tests.servers.chromium import Chromium
from tests.servers.dovecot import Dovecot
from tests.servers.mariadb import MariaDB
from tests.servers.nginx import Nginx
from tests.servers.ports import LAST, answers, free_port
from tests.servers.postfix import Postfix
from tests.servers.postgresql import PostgreSQL
from tests.servers.redis import Redis
from tests.servers.server import Server
from tests.servers.smtp import Relay

KINDS = [PostgreSQL, MariaDB, Redis, Nginx, Chromium, Dovecot]
ROOTS = [Postfix] if os.geteuid() == 0 else []  # root's by nature, and changes users by itself


@pytest.mark.parametrize("kind", [*KINDS, *ROOTS])
def test_a_server_answers_refuses_and_comes_back_on_its_port(kind: type[Server]) -> None:
    with kind() as server:
        port = server.port
        server.ask()
        for end in (server.stop, server.kill):
            end()
            assert not answers(port)
            with pytest.raises(Exception):  # noqa: B017, PT011 - each driver has its own
                server.ask()
            server.start()
            server.ask()
        assert server.port == port


@pytest.mark.parametrize("kind", [*KINDS, *ROOTS])
def test_a_closed_server_leaves_no_process_and_no_folder(kind: type[Server]) -> None:
    server = kind()
    before = files_of(server.owner)
    with server:
        group = server.pid
        assert processes_of(group)
    assert not processes_of(group)
    assert not server.folder.exists()
    assert files_of(server.owner) <= before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
def test_a_server_is_not_root(kind: type[Server]) -> None:
    with kind() as server:
        status = Path(f"/proc/{server.pid}/status").read_text()
    uids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
    assert "0" not in uids


@pytest.mark.parametrize("kind", [*KINDS, *ROOTS])
def test_a_server_ends_with_a_killed_test_and_the_next_run_sweeps(kind: type[Server]) -> None:
    source = f"""
from {kind.__module__} import {kind.__name__}
server = {kind.__name__}().start()
print(server.pid, server.port, server.folder, flush=True)
input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", source],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as test:
        assert test.stdout is not None
        pid, port, folder = test.stdout.readline().split()
        test.kill()
    wait_until_gone(int(pid), int(port))
    with kind():
        assert not Path(folder).exists()


def test_two_databases_of_one_server_know_nothing_of_each_other(
    shared_postgresql: PostgreSQL,
) -> None:
    with shared_postgresql.database() as one, shared_postgresql.database() as other:
        with psycopg.connect(one) as connection:
            connection.execute("CREATE TABLE t (a int)")
        with psycopg.connect(other) as connection, pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT a FROM t")


def test_a_database_goes_though_somebody_is_still_connected(shared_postgresql: PostgreSQL) -> None:
    with shared_postgresql.database() as url:
        forgotten = psycopg.connect(url)
    with pytest.raises(psycopg.OperationalError):
        forgotten.execute("SELECT 1")
    forgotten.close()


def test_a_store_is_empty_and_on_both_engines(store_url: str) -> None:
    assert store_url.startswith(("sqlite:///", "postgresql://avviso@127.0.0.1:"))


def test_nginx_takes_another_site_while_it_runs(nginx: Nginx) -> None:
    assert httpx.get(nginx.dsn).text == "well\n"
    for status in (404, 503, 418):
        nginx.configure(f"location / {{ return {status}; }}")
        assert [httpx.get(nginx.dsn).status_code for _ in range(5)] == [status] * 5


def test_nginx_says_what_is_wrong_with_a_site(nginx: Nginx) -> None:
    with pytest.raises(RuntimeError, match="unknown directive"):
        nginx.configure("nonsense;")


async def test_the_browser_shows_a_page_without_scripts(browser: Browser, nginx: Nginx) -> None:
    nginx.configure('location / { default_type text/html; return 200 "<h1>Shop</h1>"; }')
    context = await browser.new_context(java_script_enabled=False, color_scheme="dark")
    page = await context.new_page()
    await page.goto(nginx.dsn)
    assert await page.inner_text("h1") == "Shop"


async def test_the_relay_keeps_letters_parsed(smtp: Relay) -> None:
    send(smtp, "a@example.org", subject="Olá, è caduto")
    letter = await smtp.wait(to="a@example.org")
    assert letter.subject == "Olá, è caduto"
    assert letter.text.strip() == "Well?"


@pytest.mark.parametrize(
    ("verb", "answer", "error"),
    [
        ("MAIL", "421 4.3.2 closing", smtplib.SMTPSenderRefused),
        ("RCPT", "550 5.1.1 unknown", smtplib.SMTPRecipientsRefused),
        ("DATA", "451 4.3.0 later", smtplib.SMTPDataError),
    ],
)
def test_the_relay_refuses_as_told_and_as_often(
    smtp: Relay, verb: str, answer: str, error: type[Exception]
) -> None:
    smtp.reply(verb, answer, times=1)
    with pytest.raises(error):
        send(smtp, "a@example.org")
    assert not smtp.letters
    send(smtp, "a@example.org")
    assert len(smtp.letters) == 1


def test_the_relay_refuses_one_recipient_and_takes_the_other(smtp: Relay) -> None:
    smtp.reply("RCPT", "550 5.1.1 unknown", recipient="gone@example.org")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(smtp, "gone@example.org")
    send(smtp, "here@example.org")
    assert [letter.recipient for letter in smtp.letters] == ["here@example.org"]


def test_the_relay_hangs_up_after_it_took_the_letter(smtp: Relay) -> None:
    smtp.hang_up("DATA")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(smtp, "a@example.org")
    assert len(smtp.letters) == 1


def test_a_stopped_relay_ends_conversations_and_refuses(smtp: Relay) -> None:
    with smtplib.SMTP("127.0.0.1", smtp.port, timeout=5) as client:
        client.ehlo()
        smtp.stop()
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.docmd("NOOP")
        client.close()
    assert not answers(smtp.port)
    smtp.start()
    send(smtp, "a@example.org")
    assert len(smtp.letters) == 1


def test_ports_lie_below_those_of_outgoing_connections() -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert free_port() <= LAST < max(first, 32768)


def send(relay: Relay, recipient: str, subject: str = "Hello") -> None:
    """Send one letter through the relay with the standard library's client."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "status@example.org", recipient, subject
    letter.set_content("Well?")
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=5) as client:
        client.send_message(letter)


def files_of(owner: str) -> set[str]:
    """Return what a user has in the temporary folder, but for the folders of servers."""
    entries = [each for each in os.scandir(tempfile.gettempdir()) if each.name[:7] != "avviso-"]
    uid = pwd.getpwnam(owner).pw_uid
    return {each.name for each in entries if each.stat(follow_symlinks=False).st_uid == uid}


def wait_until_gone(group: int, port: int) -> None:
    """Wait until no process of the group lives, and the kernel has closed what they listened on."""
    deadline = time.monotonic() + 10
    while processes_of(group) or answers(port):
        assert time.monotonic() < deadline, f"processes of {group} outlive their test"
        time.sleep(0.02)
