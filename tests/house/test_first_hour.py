"""Does what the papers tell a newcomer to type really work, typed as it stands?

Only addresses and ports are replaced: those of the examples are on other machines.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from tests.house.papers import blocks
from tests.house.sources import ROOT
from tests.servers import plain
from tests.servers.nginx import Nginx
from tests.servers.ports import free_port

FIRST = "Five minutes to a first component"
NOTICE = "We know, and we are fixing it."
STRICT_CURL = 'curl() { command curl --silent --fail-with-body -w "\\n" "$@"; }\n'
BILINGUAL = """
[site]
name = "Acme"
url = "http://127.0.0.1:8000"
languages = ["en", "it"]
[[components]]
id = "shop"
name = "Shop"
"""
Answering = Callable[[BaseHTTPRequestHandler], tuple[int, str]]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_five_minutes_to_a_first_component(tmp_path: Path) -> None:
    begin, edit, start, speak = blocks(ROOT / "README.md", "sh", FIRST)
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
    port = free_port()
    with site(lambda _: (200, "a shop")) as shop:
        first = f"{begin}{edit}{start}".replace("https://www.example.org/", f"{shop}/")
        first = first.replace("avviso serve", f"exec avviso serve --port {port}")
        with started(at(port, first), tmp_path) as server:
            until(lambda: fetched(f"http://127.0.0.1:{port}/en/", "Everything we look at is"))
            assert "Opened" in shell(at(port, speak), tmp_path).stdout
            assert "Paying by card does not work." in fetched(f"http://127.0.0.1:{port}/en/")
            server.send_signal(signal.SIGTERM)
            assert server.wait(15) == 0


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_line_of_curl_in_the_paper_on_the_api_works(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "avviso.toml").write_text(BILINGUAL)
    with started(f"exec avviso serve --port {port}", tmp_path):
        url = f"http://127.0.0.1:{port}"
        until(lambda: fetched(f"{url}/readyz"))
        token = shell("avviso token create all --scope admin", tmp_path).stdout.split()[-1]
        bearer = {"Authorization": f"Bearer {token}"}
        body = {"components": ["shop"], "name": "The one that is spoken of"}
        opened = httpx.post(f"{url}/api/v1/incidents", json=body, headers=bearer, trust_env=False)
        names = {"AVVISO_URL": url, "AVVISO_TOKEN": token, "ID": opened.json()["id"], "N": "2"}
        written = httpx.get(f"{url}/api/v1/letters", headers=bearer, trust_env=False).json()
        names["LETTER"] = written["items"][0]["id"]
        for name, begins in (("DEPLOY", None), ("PLANNED", "2099-11-29T01:00:00Z")):
            work = {"components": ["shop"], "lasts": "1h", "scheduled_for": begins}
            made = httpx.post(
                f"{url}/api/v1/maintenances", json=work, headers=bearer, trust_env=False
            )
            names[name] = made.json()["id"]
        shell(STRICT_CURL + "".join(blocks(ROOT / "docs" / "api.md", "sh")), tmp_path, **names)
        last = httpx.get(f"{url}/api/v1/incidents/{names['ID']}", headers=bearer, trust_env=False)
        assert last.json()["status"] == "postmortem"
        assert [one["n"] for one in last.json()["updates"] if one["withdrawn_at"]] == [2, 3]


def test_the_snippet_for_nginx_shows_the_notice_when_it_must_and_only_then(nginx: Nginx) -> None:
    shut = {"shop": False}
    (snippet,) = blocks(ROOT / "docs" / "notice.md", "nginx")
    with site(lambda asked: avviso(asked, shut["shop"])) as status, site(shop_of_its_own) as shop:
        nginx.configure(
            snippet.replace("http://127.0.0.1:8000", status).replace("http://127.0.0.1:9000", shop)
        )
        assert visit(nginx) == (200, "a shop")
        assert visit(nginx, "/forbidden") == (403, "the shop's own no")
        shut["shop"] = True
        assert visit(nginx) == (503, NOTICE)
        assert visit(nginx, "/order", method="POST", content=b"one coffee") == (503, NOTICE)
        shut["shop"] = False
        assert visit(nginx) == (200, "a shop")
        nginx.configure(snippet.replace("http://127.0.0.1:8000", status).replace("9000", "9"))
        assert visit(nginx) == (503, NOTICE), "the shop is gone, and no check has seen it yet"
        nginx.configure(
            snippet.replace("127.0.0.1:8000", "127.0.0.1:9").replace("http://127.0.0.1:9000", shop)
        )
        assert visit(nginx) == (200, "a shop"), "Avviso away takes nobody's site down"


def avviso(asked: BaseHTTPRequestHandler, is_shut: bool) -> tuple[int, str]:
    """As much of it as a proxy sees."""
    if asked.path == "/gate/shop?deny=403":
        return (403, "") if is_shut else (204, "")
    return (503, NOTICE) if asked.path == "/notice/shop" else (404, "not asked for")


def shop_of_its_own(asked: BaseHTTPRequestHandler) -> tuple[int, str]:
    return (403, "the shop's own no") if asked.path == "/forbidden" else (200, "a shop")


def visit(
    nginx: Nginx, path: str = "/", method: str = "GET", content: bytes = b""
) -> tuple[int, str]:
    answer = httpx.request(method, nginx.dsn + path, content=content, trust_env=False, timeout=10)
    return answer.status_code, answer.text


def at(port: int, script: str) -> str:
    return script.replace("127.0.0.1:8000", f"127.0.0.1:{port}")


def surroundings(**names: str) -> dict[str, str]:
    """The environment of a newcomer, with the command within reach."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("AVVISO_")}
    return ours | {"PATH": f"{Path(sys.executable).parent}:{ours['PATH']}"} | names


def shell(script: str, folder: Path, **names: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=surroundings(**names),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done


@contextmanager
def started(script: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A shell whose last line goes on."""
    command = ["bash", "-euo", "pipefail", "-c", script]
    with subprocess.Popen(command, cwd=folder, env=surroundings()) as server:
        try:
            yield server
        finally:
            server.kill()


@contextmanager
def site(answer: Answering) -> Iterator[str]:
    """A web server on loopback, and its address."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, text = answer(self)
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", free_port()), Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def fetched(url: str, with_words: str = "") -> str:
    """The page, when it is there and has these words; else nothing."""
    try:
        answer = plain.get(url, timeout=10)
    except httpx.TransportError:
        return ""
    return answer.text if answer.status_code == 200 and with_words in answer.text else ""


def until(look: Callable[[], str], patience_s: float = 90.0) -> str:
    deadline = time.monotonic() + patience_s
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return found
