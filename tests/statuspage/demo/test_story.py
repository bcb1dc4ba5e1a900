"""Does a newcomer see the whole main job: broken, told, mended, told?"""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from statuspage.demo import configuration
from statuspage.demo.ports import free_port, is_free
from statuspage.demo.town import addresses
from tests.servers.plain import TRUSTING_NOBODY
from tests.statuspage.demo.demo_process import Demo, eventually, is_alive, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(150)]


def test_a_database_breaks_and_is_mended(tmp_path: Path) -> None:
    with running(tmp_path) as demo:
        shows_the_way(demo)
        takes_an_order(demo)
        breaks_the_database(demo)
        offers_the_next_steps(demo)
        mends_it(demo)


def shows_the_way(demo: Demo) -> None:
    for path in ("/", "/en/", "/it/"):
        assert 'href="/demo"' in demo.page(path)
    assert "Break the database" in demo.page("/demo")
    assert "Nothing yet." in demo.page("/demo")


def takes_an_order(demo: Demo) -> None:
    assert "0 orders so far" in demo.visit().text
    answer = demo.browser.post(f"{demo.shop}/orders", data={"good": "Notebook, ruled"})
    assert answer.status_code == 303
    thanks = demo.browser.get(demo.shop + answer.headers["location"]).text
    assert "Thank you: Notebook, ruled" in thanks
    assert "1 order so far" in thanks


def breaks_the_database(demo: Demo) -> None:
    demo.throw("database")
    at_once = demo.visit(accept="text/html")
    assert at_once.status_code == 503, "before any verdict, too"
    assert int(at_once.headers["retry-after"]) > 0
    eventually(lambda: "You cannot place orders at the moment." in demo.page("/en/"))
    eventually(lambda: "Al momento non è possibile fare ordini." in _notice(demo, "it"))
    eventually(lambda: {"anna@demo.example", "paul@demo.example"} <= set(demo.letters()))
    letters = demo.letters()
    assert next(iter(letters)) == "oncall@demo.example", "the operators hear first"
    assert "at the moment" in letters["paul@demo.example"][0]
    assert "al momento" in letters["anna@demo.example"][0]
    letter = demo.page("/demo/mailbox/2")
    assert "Che cosa è successo" in letter or "What happened" in letter
    assert "List-Unsubscribe-Post" in letter


def offers_the_next_steps(demo: Demo) -> None:
    page = eventually(lambda: _with(demo, "avviso incident acknowledge"))
    [id] = set(re.findall(r"avviso incident acknowledge (\w+)", page))
    [token] = set(re.findall(r"AVVISO_TOKEN=(\S+?)[\s<]", page))
    answer = demo.browser.post(
        f"{demo.site}/api/v1/incidents/{id}/acknowledge",
        headers={"authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 200
    eventually(lambda: "Orders database: Major outage" in _story(demo))


def mends_it(demo: Demo) -> None:
    demo.throw("mend")
    eventually(lambda: len(demo.letters()["anna@demo.example"]) > 1)
    eventually(lambda: len(demo.letters()["paul@demo.example"]) > 1)
    assert "working again" in demo.letters()["paul@demo.example"][-1]
    eventually(lambda: demo.visit().status_code == 200)
    assert "1 order so far" in demo.visit().text, "what was ordered before is not lost"
    eventually(lambda: "A shop that works." in demo.page("/demo"))
    assert "(resolved)" in eventually(lambda: _story(demo) if "(resolved)" in _story(demo) else "")


def test_a_server_is_killed_and_all_ends_with_the_demo(tmp_path: Path) -> None:
    with running(tmp_path) as demo:
        demo.throw("server")
        at_once = demo.visit(accept="text/html")
        assert at_once.status_code == 503
        eventually(lambda: "The page shows Shop: Major outage." in _story(demo))
        assert "Orders database: Operational" in demo.page("/demo")
        demo.throw("server")
        assert "it was gone already" in _story(demo)
        demo.throw("mend")
        assert demo.browser.get(f"{demo.shop}/orders").status_code in (404, 503)
        eventually(lambda: demo.visit().status_code == 200)
        children = demo.children()
        assert len(children) >= 3
        assert demo.stop() == 0
        eventually(lambda: not any(is_alive(pid) for pid in children), 5)


def test_nothing_outlives_a_demo_that_is_killed(tmp_path: Path) -> None:
    with running(tmp_path) as demo:
        children = demo.children()
        assert len(children) >= 3
        demo.stop(signal.SIGKILL)
        eventually(lambda: not any(is_alive(pid) for pid in children))


def test_serve_has_nothing_of_the_demo(tmp_path: Path) -> None:
    configuration.write(tmp_path, addresses(free_port()))
    port = free_port()
    command = [sys.executable, "-m", "statuspage", "serve", f"--port={port}"]
    command += ["--config", str(tmp_path / "avviso.toml")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            eventually(lambda: not is_free(port))
            with httpx.Client(
                base_url=f"http://127.0.0.1:{port}", trust_env=False, verify=TRUSTING_NOBODY
            ) as browser:
                front = eventually(lambda: _front(browser), 40)
                assert "demo" not in front.replace("help@demo.example", "")
                for path in ("/demo", "/demo/", "/demo/mailbox", "/demo/live.js"):
                    assert browser.get(path).status_code == 404
                assert browser.post("/demo/switch", data={"throw": "mend"}).status_code == 404
        finally:
            process.terminate()


def _notice(demo: Demo, language: str) -> str:
    answer = demo.visit(**{"accept": "text/html", "accept-language": language})
    assert answer.status_code == 503
    return answer.text


def _front(browser: httpx.Client) -> str:
    answer = browser.get("/en/")
    return answer.text if answer.status_code == 200 else ""


def _story(demo: Demo) -> str:
    page = demo.page("/demo")
    return page[page.index('id="story"') : page.index('id="stand"')]


def _with(demo: Demo, words: str) -> str:
    page = demo.page("/demo")
    return page if words in page else ""


def test_a_taken_port_is_said_plainly(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "statuspage", "demo", f"--port={port}"]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert f"Port {port} is in use" in ended.stderr
    assert "Traceback" not in ended.stderr
