"""Can a person and a program read which calls there are?"""

from __future__ import annotations

import re

from tests.statuspage.api.world import World

V1 = "/api/v1"


async def test_the_document_tells_every_call_and_every_error(small_world: World) -> None:
    async with small_world.client() as client:
        told = (await client.get(f"{V1}/openapi.json")).json()
    assert told["openapi"].startswith("3.1")
    for path, calls in told["paths"].items():
        assert path.startswith(V1)
        for call in calls.values():
            assert call["security"] == [{"token": []}]
            assert {"401", "403", "422", "429", "503"} <= set(call["responses"])
            problem = call["responses"]["422"]["content"]
            assert list(problem) == ["application/problem+json"]
    assert "Problem" in told["components"]["schemas"]


async def test_every_reference_of_the_document_leads_somewhere(small_world: World) -> None:
    async with small_world.client() as client:
        answer = await client.get(f"{V1}/openapi.json")
    schemas = set(answer.json()["components"]["schemas"])
    assert set(re.findall(r'"#/components/schemas/([^"]+)"', answer.text)) <= schemas


async def test_the_readable_page_needs_no_script_and_no_other_host(small_world: World) -> None:
    async with small_world.client() as client:
        told = (await client.get(f"{V1}/openapi.json")).json()
        page = await client.get(f"{V1}/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page.text)
    for path, calls in told["paths"].items():
        for method in calls:
            assert f"{method.upper()} {path}" in page.text
    assert "what_we_are_doing" in page.text
