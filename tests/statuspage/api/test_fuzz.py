"""Does any request at all get an answer that the OpenAPI document does not know?

Schemathesis makes requests of the document, right and wrong ones, and a real server on a
real store answers them. An id is sometimes one that exists: the others are soon a 404.
"""

from __future__ import annotations

import asyncio
import copy
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from statuspage.api import document, routes
from statuspage.guarded import TARGET_BYTES
from statuspage.vocabulary import Scope
from tests.servers.plain import TRUSTING_NOBODY
from tests.statuspage.api.world import open_world
from tests.statuspage.serving import served

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
RESOLVED = {
    "status": "resolved",
    "what_happened": "It works again.",
    "what_we_are_doing": "We watch it.",
}
IDS = ("incident", "over", "maintenance", "subscriber", "shop", "blog")


def narrowed() -> dict[str, Any]:
    """The document with the ids and languages of this world: most words can be said then."""
    told: dict[str, Any] = copy.deepcopy(dict(document.document_of(routes.router(), routes.PREFIX)))
    ids = {"enum": ["shop", "blog", "orders-db"]}
    language = {"anyOf": [{"enum": ["en", "it"]}, {"type": "null"}]}
    for name in ("Opening", "Further"):
        fields = told["components"]["schemas"][name]["properties"]
        listed, table = fields["components"]["anyOf"]
        listed["items"], table["propertyNames"] = ids, ids
        listed["minItems"] = table["minProperties"] = 1
        fields["language"] = language
        fields["translations"]["propertyNames"] = {"enum": ["en", "it"]}
    for name in ("Planning", "Replanning"):
        fields = told["components"]["schemas"][name]["properties"]
        listed = fields["components"].get("anyOf", [fields["components"]])[0]
        listed["items"], fields["language"] = ids, language
        translated = fields["translations"].get("anyOf", [fields["translations"]])[0]
        translated["propertyNames"] = {"enum": ["en", "it"]}
    learning = told["components"]["schemas"]["Learning"]["properties"]
    learning["language"] = language
    learning["translations"]["propertyNames"] = {"enum": ["en", "it"]}
    adding = told["components"]["schemas"]["Adding"]["properties"]
    adding["components"]["items"], adding["language"] = {"enum": ["shop", "blog"]}, language
    return told


SCHEMA = schemathesis.openapi.from_dict(narrowed())
OPERATIONS = {
    found.ok().label: found.ok()  # type: ignore[union-attr]  # what cannot be read fails here
    for found in SCHEMA.get_all_operations()
}


@dataclass(frozen=True)
class Target:
    url: str
    token: str
    ids: dict[str, str]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A server in a thread of its own, with something in its store."""
    ready, stop = threading.Event(), asyncio.Event()
    found: list[tuple[Target, asyncio.AbstractEventLoop]] = []

    async def run(folder: Path) -> None:
        async with open_world(f"sqlite:///{folder}/avviso.db") as world:
            token = await world.token(Scope.ADMIN)
            subscriber = await world.subscribe("anna@example.org")
            async with served(world.app) as serving:
                headers = {"Authorization": f"Bearer {token}"}
                async with httpx.AsyncClient(
                    base_url=serving.url, headers=headers, verify=TRUSTING_NOBODY
                ) as client:
                    opened = await client.post(
                        f"{routes.PREFIX}/incidents", json={"components": ["shop"]}
                    )
                    planned = await client.post(
                        f"{routes.PREFIX}/maintenances",
                        json={"components": ["blog"], "lasts": "9d"},
                    )
                    over = await client.post(
                        f"{routes.PREFIX}/incidents", json={"components": ["blog"]}
                    )
                    path = f"{routes.PREFIX}/incidents/{over.json()['id']}"
                    await client.post(f"{path}/updates", json=RESOLVED)
                ids = {"incident": opened.json()["id"], "subscriber": subscriber}
                ids["over"] = over.json()["id"]
                ids["maintenance"] = planned.json()["id"]
                ids |= {"shop": "shop", "blog": "blog"}
                target = Target(serving.url, token, ids)
                found.append((target, asyncio.get_running_loop()))
                ready.set()
                await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=[run(tmp_path_factory.mktemp("fuzz"))])
    thread.start()
    assert ready.wait(20), "the server does not start"
    target, loop = found[0]
    yield target
    loop.call_soon_threadsafe(stop.set)
    thread.join(20)


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_in_the_document(target: Target, label: str) -> None:
    _fuzz(target, label, examples=8)


@pytest.mark.soak
@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_in_the_document_for_long(target: Target, label: str) -> None:
    _fuzz(target, label, examples=2000)


def _fuzz(target: Target, label: str, examples: int) -> None:
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        cases = OPERATIONS[label].as_strategy(generation_mode=mode)

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=examples < 100,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases, known=st.sampled_from([None, *IDS]))
        def ask(case: schemathesis.Case[Any], known: str | None) -> None:
            if known is not None and "id" in case.path_parameters:
                case.path_parameters["id"] = target.ids[known]
            # a longer target is refused before any call is asked
            assume(len(urlencode(case.query or {}, doseq=True)) < TARGET_BYTES - 200)
            case.headers.pop("Transfer-Encoding", None)  # a broken one ends in HTTP, at no call
            case.headers["Authorization"] = f"Bearer {target.token}"
            case.call_and_validate(base_url=target.url, checks=CHECKS)

        ask()
