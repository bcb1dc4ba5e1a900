"""What does somebody at a terminal read, and with which code does the command end?"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.servers import plain
from tests.servers.ports import free_port

GOOD = """
[site]
name = "Acme"
url = "http://127.0.0.1:8000"
[[components]]
id = "shop"
name = "Shop"
"""


def avviso(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "statuspage", *words],
        cwd=folder,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AVVISO_")}


@contextmanager
def serving(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "statuspage", "serve", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=folder, env=_environment(), stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            yield server
        finally:
            server.kill()


def is_ready(port: int, path: str = "readyz") -> None:
    def said() -> bool:
        try:
            return plain.get(f"http://127.0.0.1:{port}/{path}").status_code == 200
        except httpx.HTTPError:
            return False

    until(said)


def until(holds: Callable[[], bool]) -> None:
    """Wait in real time: other processes have no clock that could be moved."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("module", "spared"),
    [
        ("statuspage.cli", {"sqlalchemy", "alembic", "fastapi", "uvloop"}),
        ("statuspage.serving", {"alembic", "hunspell", "aiosmtpd", "fakeredis"}),
    ],
)
def test_nothing_is_loaded_that_most_starts_do_not_need(module: str, spared: set[str]) -> None:
    """An operator's short command waits for nothing, nor does a page after a restart."""
    look = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", look], check=True, capture_output=True, text=True
    )
    assert spared & set(loaded.stdout.split()) == set()


def test_init_writes_a_file_that_has_no_mistakes(tmp_path: Path) -> None:
    assert avviso(tmp_path, "init").returncode == 0
    checked = avviso(tmp_path, "config", "check")
    assert checked.returncode == 0
    assert "no mistakes" in checked.stdout


def test_init_leaves_a_file_that_is_there_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "avviso.toml").write_text(GOOD)
    again = avviso(tmp_path, "init")
    assert again.returncode == 2
    assert "it was left as it is" in again.stderr
    assert (tmp_path / "avviso.toml").read_text() == GOOD


def test_every_mistake_is_said_at_once_and_nothing_starts(tmp_path: Path) -> None:
    wrong = GOOD.replace('name = "Shop"', 'nane = "Shop"') + '[checks]\ninterval = "5 parsecs"\n'
    (tmp_path / "avviso.toml").write_text(wrong)
    for command in (("config", "check"), ("serve",)):
        ended = avviso(tmp_path, *command)
        assert ended.returncode == 2
        said = ended.stderr.splitlines()
        assert any("checks.interval" in line and "allowed" in line for line in said)
        assert any("components[0].nane" in line for line in said)
        assert "Traceback" not in ended.stderr
    assert not (tmp_path / "avviso.db").exists()


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    ended = avviso(tmp_path, "serve")
    assert ended.returncode == 2
    assert "avviso.toml" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_role_of_several_needs_postgresql(tmp_path: Path) -> None:
    (tmp_path / "avviso.toml").write_text(GOOD)
    ended = avviso(tmp_path, "serve", "--role", "web")
    assert ended.returncode == 2
    assert "needs PostgreSQL" in ended.stderr


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "avviso.toml").write_text(GOOD)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = avviso(tmp_path, "serve", "--port", str(taken.getsockname()[1]))
    assert ended.returncode == 1
    assert "Address already in use" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_one_serve_for_a_sqlite_store_and_a_kill_leaves_no_stale_lock(
    tmp_path: Path,
) -> None:
    (tmp_path / "avviso.toml").write_text(GOOD)
    port = free_port()
    with serving(tmp_path, port):
        is_ready(port)
        second = avviso(tmp_path, "serve", "--port", str(free_port()))
        assert second.returncode == 1
        assert "Another avviso serve" in second.stderr
    with serving(tmp_path, port):
        is_ready(port)


def _kept_at(folder: Path, place: Path) -> None:
    (folder / "avviso.toml").write_text(f'{GOOD}[database]\nurl = "sqlite:///{place}"\n')


def test_a_place_where_no_store_can_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    _kept_at(tmp_path, tmp_path / "file" / "avviso.db")
    ended = avviso(tmp_path, "serve", "--port", str(free_port()))
    assert ended.returncode == 1
    assert "The database cannot be kept there" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_damaged_store_is_left_as_it_is_and_said(tmp_path: Path) -> None:
    damaged = tmp_path / "avviso.db"
    damaged.write_bytes(b"no database" * 1000)
    _kept_at(tmp_path, damaged)
    ended = avviso(tmp_path, "serve", "--port", str(free_port()))
    assert ended.returncode == 1
    assert "restore a backup" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert damaged.read_bytes() == b"no database" * 1000


def test_sigterm_ends_it_cleanly_and_leaves_no_child(tmp_path: Path) -> None:
    (tmp_path / "avviso.toml").write_text(GOOD)
    port = free_port()
    with serving(tmp_path, port) as server:
        is_ready(port)
        until(lambda: bool(_mailers(server.pid)))
        children = _children(server.pid)
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0
    until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGTERM, 0), (signal.SIGKILL, -9)])
def test_a_mailer_that_waits_for_the_store_ends_with_its_parent(
    tmp_path: Path, sign: signal.Signals, code: int
) -> None:
    away = f'[database]\nurl = "postgresql://avviso@127.0.0.1:{free_port()}/avviso"\n'
    (tmp_path / "avviso.toml").write_text(GOOD + away)
    port = free_port()
    with serving(tmp_path, port) as server:
        is_ready(port, "healthz")
        (waiting,) = _mailers(server.pid)
        server.send_signal(sign)
        assert server.wait(10) == code
        until(lambda: not Path(f"/proc/{waiting}").exists())


def test_the_mailer_dies_with_its_parent_and_is_started_again_when_it_dies(
    tmp_path: Path,
) -> None:
    (tmp_path / "avviso.toml").write_text(GOOD)
    port = free_port()
    with serving(tmp_path, port) as server:
        is_ready(port)
        until(lambda: bool(_mailers(server.pid)))
        (first,) = _mailers(server.pid)
        assert _words(first) == _words(server.pid), "forked: it shares what was imported"
        os.kill(first, signal.SIGKILL)
        until(lambda: bool(_mailers(server.pid) - {first}))
        (second,) = _mailers(server.pid) - {first}
        server.kill()
        server.wait(10)
        until(lambda: not Path(f"/proc/{second}").exists())


def test_short_commands_work_beside_a_running_serve(tmp_path: Path) -> None:
    (tmp_path / "avviso.toml").write_text(GOOD)
    port = free_port()
    with serving(tmp_path, port):
        is_ready(port)
        made = avviso(tmp_path, "token", "create", "ada", "--scope", "read")
        token = made.stdout.splitlines()[-1]
        asked = httpx.get(
            f"http://127.0.0.1:{port}/api/v1/components",
            headers={"Authorization": f"Bearer {token}"},
        )
    assert asked.status_code == 200
    assert [item["id"] for item in asked.json()["items"]] == ["shop"]


def _children(parent: int) -> set[int]:
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return {int(pid) for pid in found.split()}


def _mailers(parent: int) -> set[int]:
    return {child for child in _children(parent) if _niceness(child) > 0}


def _words(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def _niceness(pid: int) -> int:
    try:
        return os.getpriority(os.PRIO_PROCESS, pid)
    except OSError:
        return 0
