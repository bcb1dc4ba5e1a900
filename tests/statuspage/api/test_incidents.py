"""Is an incident opened, continued, updated and ended as the interface says?"""

from __future__ import annotations

import httpx

PATH = "/api/v1/incidents"


async def test_one_component_suffices(anna: httpx.AsyncClient) -> None:
    opened = await anna.post(PATH, json={"components": ["shop"]})
    assert opened.status_code == 201, opened.text
    told = opened.json()
    assert told["url"] == f"https://status.acme.example/incidents/{told['id']}"
    assert told["components"] == {"shop": "major_outage"}
    assert (told["impact"], told["status"], told["name"]) == ("critical", "investigating", "Shop")
    assert [update["author"] for update in told["updates"]] == ["anna@acme.example"]
    assert told["promises"] == [
        {"due_at": "2026-11-23T12:30:00Z", "state": "open", "kept_at": None, "by": "human"}
    ]
    assert not told["continued"]
