"""Would a strict client of the field's convention read us?

The models here are this test's own and forbid what the convention does not name, as the
strictest of real clients do: a null where a text belongs, an unknown value, an id of
another length fails.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, Literal

import pytest
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, HttpUrl, TypeAdapter

from statuspage.rules.board import Board
from tests.statuspage.pages.boards import (
    CALM,
    EMPTY,
    EVERY,
    NOW,
    OUTAGE,
    OVER,
    PLANNED,
    WILD,
    board,
    component,
)
from tests.statuspage.pages.showing import page

Id = Annotated[str, Field(pattern=r"^[a-z0-9]{12}$")]
Millis = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
ComponentStatus = Literal[
    "operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance"
]
MaintenanceStatus = Literal["scheduled", "in_progress", "verifying", "completed"]
IncidentStatus = Literal["investigating", "identified", "monitoring", "resolved", "postmortem"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class PageRow(Strict):
    id: Id
    name: str
    url: Annotated[HttpUrl, Field(strict=False)]
    time_zone: str
    updated_at: Millis


class StatusRow(Strict):
    indicator: Literal["none", "minor", "major", "critical", "maintenance"]
    description: str


class ComponentRow(Strict):
    id: Id
    name: str
    status: ComponentStatus
    created_at: Millis
    updated_at: Millis
    position: int
    description: str | None
    showcase: bool
    start_date: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None
    group_id: Id | None
    page_id: Id
    group: bool
    only_show_if_degraded: bool
    components: list[Id] = []


class ChangeRow(Strict):
    code: Id
    name: str
    old_status: ComponentStatus
    new_status: ComponentStatus


class UpdateRow(Strict):
    id: Id
    status: IncidentStatus
    body: Annotated[str, Field(min_length=1)]
    incident_id: Id
    created_at: Millis
    updated_at: Millis
    display_at: Millis
    affected_components: Annotated[list[ChangeRow], Field(min_length=1)] | None
    deliver_notifications: bool
    custom_tweet: None
    tweet_id: None


class IncidentRow(Strict):
    id: Id
    name: Annotated[str, Field(min_length=1)]
    status: IncidentStatus
    created_at: Millis
    updated_at: Millis
    monitoring_at: Millis | None
    resolved_at: Millis | None
    impact: Literal["none", "minor", "major", "critical"]
    shortlink: Annotated[HttpUrl, Field(strict=False)]
    started_at: Millis
    page_id: Id
    incident_updates: list[UpdateRow]
    components: list[ComponentRow]


class StepRow(UpdateRow):
    status: MaintenanceStatus  # type: ignore[assignment]  # in place of an incident's


class MaintenanceRow(IncidentRow):
    status: MaintenanceStatus  # type: ignore[assignment]
    impact: Literal["maintenance"]  # type: ignore[assignment]
    incident_updates: list[StepRow]  # type: ignore[assignment]
    scheduled_for: Millis
    scheduled_until: Millis


class StatusAnswer(Strict):
    page: PageRow
    status: StatusRow


class ComponentsAnswer(Strict):
    page: PageRow
    components: list[ComponentRow]


class IncidentsAnswer(Strict):
    page: PageRow
    incidents: list[IncidentRow]


class MaintenancesAnswer(Strict):
    page: PageRow
    scheduled_maintenances: list[MaintenanceRow]


class SummaryAnswer(Strict):
    page: PageRow
    components: list[ComponentRow]
    incidents: list[IncidentRow]
    scheduled_maintenances: list[MaintenanceRow]
    status: StatusRow


ANSWERS: dict[str, type[Strict]] = {
    "status": StatusAnswer,
    "components": ComponentsAnswer,
    "incidents": IncidentsAnswer,
    "incidents/unresolved": IncidentsAnswer,
    "scheduled-maintenances": MaintenancesAnswer,
    "scheduled-maintenances/upcoming": MaintenancesAnswer,
    "scheduled-maintenances/active": MaintenancesAnswer,
    "summary": SummaryAnswer,
}


def told(shown: Board, path: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(
        page(shown, f"/api/v2/{path}.json", None, "application/json").body
    )
    return answer


@pytest.mark.parametrize("path", ANSWERS)
@pytest.mark.parametrize("name", EVERY)
def test_every_answer_is_to_the_letter(name: str, path: str) -> None:
    model = ANSWERS[path].model_validate(told(EVERY[name], path))
    assert model.model_fields_set == set(ANSWERS[path].model_fields)


@pytest.mark.parametrize("path", ANSWERS)
def test_every_site_may_read_it(path: str) -> None:
    shown = page(OUTAGE, f"/api/v2/{path}.json", None, "application/json")
    assert ("Access-Control-Allow-Origin", "*") in shown.headers


def test_fields_stand_in_the_order_of_real_answers() -> None:
    summary = told(OUTAGE, "summary")
    assert list(summary) == [
        "page",
        "components",
        "incidents",
        "scheduled_maintenances",
        "status",
    ]
    assert list(summary["components"][0]) == list(ComponentRow.model_fields)[:-1]
    assert list(summary["incidents"][0]) == list(IncidentRow.model_fields)
    assert list(summary["incidents"][0]["incident_updates"][0]) == list(UpdateRow.model_fields)
    planned = told(PLANNED, "summary")["scheduled_maintenances"][0]
    assert list(planned) == list(MaintenanceRow.model_fields)


def test_empty_lists_are_lists() -> None:
    assert told(EMPTY, "components")["components"] == []
    assert told(EMPTY, "incidents")["incidents"] == []
    assert told(EMPTY, "summary")["scheduled_maintenances"] == []


@pytest.mark.parametrize(
    ("name", "indicator", "description"),
    [
        ("calm", "none", "All Systems Operational"),
        ("outage", "critical", "Major Service Outage"),
        ("maintained", "maintenance", "Service Under Maintenance"),
        ("planned", "maintenance", "Service Under Maintenance"),
    ],
)
def test_the_roll_up_says_what_clients_look_for(
    name: str, indicator: str, description: str
) -> None:
    assert told(EVERY[name], "status")["status"] == {
        "indicator": indicator,
        "description": description,
    }


def test_an_incident_says_the_machine_s_part_in_words_and_newest_first() -> None:
    [incident] = told(OUTAGE, "incidents/unresolved")["incidents"]
    assert incident["shortlink"] == "https://status.acme.example/incidents/k3v9x2m1q7ab"
    said, acknowledged, noticed = incident["incident_updates"]
    assert said["body"].startswith(
        "The database that keeps the orders stopped answering at 14:02.\n\n"
    )
    assert acknowledged["body"] == "Our team has the case."
    assert noticed["body"].startswith("Our checks noticed it")
    assert noticed["affected_components"] == [
        {
            "code": "shop00000000",
            "name": "Shop",
            "old_status": "operational",
            "new_status": "major_outage",
        }
    ]
    assert [one["deliver_notifications"] for one in incident["incident_updates"]] == [
        True,
        False,
        False,
    ]
    assert [one["name"] for one in incident["components"]] == ["Shop", "Orders database"]


LISTS = {
    "summary": ["u1n2b3v4c5x6", "m1n2b3v4c5x6", "w1n2b3v4c5x6"],
    "scheduled-maintenances/active": ["u1n2b3v4c5x6"],
    "scheduled-maintenances/upcoming": ["m1n2b3v4c5x6", "w1n2b3v4c5x6"],
    "scheduled-maintenances": ["m1n2b3v4c5x6", "w1n2b3v4c5x6", "u1n2b3v4c5x6", "o1n2b3v4c5x6"],
}


@pytest.mark.parametrize("path", LISTS)
def test_maintenances_are_listed_by_what_has_become_of_them(path: str) -> None:
    """What was cancelled takes place nowhere."""
    assert [one["id"] for one in told(PLANNED, path)["scheduled_maintenances"]] == LISTS[path]


def test_a_maintenance_says_when_and_what_in_words() -> None:
    (row,) = told(PLANNED, "scheduled-maintenances/active")["scheduled_maintenances"]
    assert row["name"] == "Maintenance: Shop"
    assert row["shortlink"] == "https://status.acme.example/maintenances/u1n2b3v4c5x6"
    assert row["scheduled_until"] == "2026-11-23T13:42:10.000Z"
    assert [(one["status"], one["body"]) for one in row["incident_updates"]] == [
        ("in_progress", "The maintenance has begun."),
        ("scheduled", "We deploy."),
    ]
    assert [one["status"] for one in row["components"]] == ["under_maintenance"]


def test_an_incident_without_a_title_is_named() -> None:
    [incident] = told(EVERY["noticed"], "incidents/unresolved")["incidents"]
    assert incident["name"] == "Orders database: disruption"


def test_names_are_told_as_they_are_and_not_as_html() -> None:
    names = [one["name"] for one in told(WILD, "components")["components"]]
    assert names.count("<script>alert(1)</script> \"'>&amp;{{7*7}}") == 2
    assert "Two lines" in names


def test_a_group_stands_before_its_children() -> None:
    grouped = board(
        component("a", "A", 0, group="Website"),
        component("b", "B", 1),
        component("c", "C", 2, group="Website"),
    )
    rows = told(grouped, "components")["components"]
    assert [(row["name"], row["group"]) for row in rows] == [
        ("Website", True),
        ("A", False),
        ("C", False),
        ("B", False),
    ]
    group, first, second, loose = rows
    assert group["components"] == [first["id"], second["id"]]
    assert first["group_id"] == second["group_id"] == group["id"]
    assert loose["group_id"] is None
    assert "components" not in loose


def test_fifty_incidents_are_listed_newest_first() -> None:
    many = tuple(
        replace(OVER, id=f"{n:012d}", created_at=NOW - timedelta(days=n + 1)) for n in range(60)
    )
    listed = told(replace(OUTAGE, past_incidents=many), "incidents")["incidents"]
    assert len(listed) == 50
    times = [TypeAdapter(AwareDatetime).validate_python(one["created_at"]) for one in listed]
    assert times == sorted(times, reverse=True)


def test_the_page_keeps_its_id_and_tells_when_something_last_changed() -> None:
    """Not when we last looked: then no client's copy would ever be fresh."""
    later = replace(CALM, composed_at=NOW + timedelta(hours=1), looked_at=NOW + timedelta(hours=1))
    assert told(later, "summary") == told(CALM, "summary")
    assert told(CALM, "status")["page"]["id"] == told(OUTAGE, "status")["page"]["id"]
