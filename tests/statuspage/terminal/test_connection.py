"""What does a command say when it cannot reach the API, or is not let in?"""

from __future__ import annotations

import socket

import pytest
from starlette.responses import PlainTextResponse

from statuspage.rules.tokens import new_token
from statuspage.vocabulary import Scope
from tests.statuspage.api.world import World
from tests.statuspage.serving import served
from tests.statuspage.terminal.conftest import Shell

TOKEN = new_token()


@pytest.mark.parametrize(
    ("environment", "code", "sentence"),
    [
        ({}, 2, "AVVISO_URL is not set"),
        ({"AVVISO_URL": "http://127.0.0.1:1"}, 2, "AVVISO_TOKEN is not set"),
        ({"AVVISO_URL": "status.acme.example", "AVVISO_TOKEN": TOKEN}, 2, "must begin with"),
        ({"AVVISO_URL": "http://127.0.0.1:1", "AVVISO_TOKEN": "à"}, 2, "AVVISO_TOKEN has"),
        ({"AVVISO_URL": "http://[::1", "AVVISO_TOKEN": TOKEN}, 1, "cannot be reached"),
    ],
)
def test_what_is_not_set_is_said(environment: dict[str, str], code: int, sentence: str) -> None:
    said = Shell(environment).run("incident", "list")
    assert said.code == code
    assert sentence in said.err


def test_nobody_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    said = Shell({"AVVISO_URL": f"http://127.0.0.1:{port}", "AVVISO_TOKEN": TOKEN}).run(
        "incident", "list"
    )
    assert said.code == 1
    assert "cannot be reached" in said.err


@pytest.mark.parametrize("status", [200, 404, 502])
async def test_something_else_answers(status: int) -> None:
    async with served(PlainTextResponse("<h1>hello</h1>", status)) as serving:
        said = await Shell({"AVVISO_URL": serving.url, "AVVISO_TOKEN": TOKEN})("incident", "list")
    assert said.code == (2 if status == 404 else 1)
    assert "Is AVVISO_URL right?" in said.err


async def test_a_token_that_opens_nothing_or_too_little(world: World, avviso: Shell) -> None:
    wrong = Shell({**avviso.environment, "AVVISO_TOKEN": TOKEN})
    said = await wrong("incident", "list")
    assert (said.code, said.err) == (2, "This token opens nothing. Was it revoked?")
    little = await world.token(Scope.READ)
    said = await Shell({**avviso.environment, "AVVISO_TOKEN": little})("subscribers", "list")
    assert (said.code, said.err) == (2, "This needs the scope subscribers or support.")
