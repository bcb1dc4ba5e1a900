"""Would a reader of Statuspage's webhook understand ours?

The models forbid what the convention's fixtures do not have, and ask for all that they do.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any

import pytest
from pydantic import Field, HttpUrl

from notifications import facts
from notifications.card import Card
from statuspage.pages.reader import Reader
from statuspage.pages.statuspage_hook import event, with_links
from statuspage.rules.board import Board, IncidentView
from statuspage.vocabulary import Phase
from tests.statuspage.pages.boards import (
    ACKNOWLEDGED,
    BEGAN,
    LEARNED,
    NOTICED,
    NOW,
    OUTAGE,
    PLANNED,
    SAID,
    SPOKEN,
    board,
)
from tests.statuspage.pages.test_statuspage_v2 import (
    Id,
    IncidentRow,
    MaintenanceRow,
    Millis,
    StepRow,
    Strict,
    UpdateRow,
)

CARD = Card("down", "Shop", "down", "There is no news.", (("What we are doing", "We mend it."),))


class Update(UpdateRow):
    wants_twitter_update: bool
    twitter_updated_at: None


class Step(StepRow):
    wants_twitter_update: bool
    twitter_updated_at: None


class Incident(IncidentRow):
    incident_updates: list[Update]  # type: ignore[assignment]
    postmortem_ignored: bool
    postmortem_body: str | None
    postmortem_body_last_updated_at: Millis | None
    postmortem_published_at: Millis | None
    postmortem_notified_subscribers: bool
    postmortem_notified_twitter: bool
    backfilled: bool
    scheduled_for: None
    scheduled_until: None
    scheduled_remind_prior: bool
    scheduled_reminded_at: None
    impact_override: None
    scheduled_auto_in_progress: bool
    scheduled_auto_completed: bool


class Work(MaintenanceRow):
    incident_updates: list[Step]  # type: ignore[assignment]
    postmortem_ignored: bool
    postmortem_body: None
    postmortem_body_last_updated_at: None
    postmortem_published_at: None
    postmortem_notified_subscribers: bool
    postmortem_notified_twitter: bool
    backfilled: bool
    scheduled_remind_prior: bool
    scheduled_reminded_at: Millis | None
    impact_override: None
    scheduled_auto_in_progress: bool
    scheduled_auto_completed: bool


class Page(Strict):
    id: Id
    status_indicator: str
    status_description: Annotated[str, Field(min_length=1)]


class Meta(Strict):
    unsubscribe: Annotated[HttpUrl, Field(strict=False)]
    documentation: Annotated[HttpUrl, Field(strict=False)]
    generated_at: Millis


class IncidentEvent(Strict):
    meta: Meta
    page: Page
    incident: Incident


class WorkEvent(Strict):
    meta: Meta
    page: Page
    incident: Work


def told(shown: Board, word: facts.Telling, code: str = "en") -> dict[str, Any]:
    site = shown.site.url
    body = event(shown, Reader.of(code, shown), word, CARD)
    return with_links(body, f"{site}/unsubscribe/c0de", f"{site}/", NOW)


def about(incident: IncidentView) -> facts.IncidentFacts:
    url = f"https://status.acme.example/incidents/{incident.id}"
    return facts.IncidentFacts(id=incident.id, url=url, started_at=BEGAN, impact=incident.impact)


def worded(at: datetime, incident: IncidentView = SPOKEN) -> facts.Worded:
    return facts.Worded(incident=about(incident), status="investigating", said_at=at)


def test_an_incident_is_told_to_the_letter() -> None:
    shown = board(open_incidents=(SPOKEN,))
    body = told(shown, worded(SAID.at))
    IncidentEvent.model_validate(body)
    incident = body["incident"]
    assert (incident["name"], incident["status"]) == ("Orders are not possible", "identified")
    assert [one["status"] for one in incident["incident_updates"]] == [
        "identified",
        "investigating",
        "investigating",
    ]
    assert incident["incident_updates"][0]["body"].startswith("The database that keeps the orders")
    assert incident["incident_updates"][2]["affected_components"] == [
        {
            "code": "shop00000000",
            "name": "Shop",
            "old_status": "operational",
            "new_status": "major_outage",
        }
    ]
    assert body["meta"] == {
        "unsubscribe": "https://status.acme.example/unsubscribe/c0de",
        "documentation": "https://status.acme.example/",
        "generated_at": "2026-11-23T13:22:40.000Z",
    }


def test_the_page_says_how_it_is() -> None:
    assert told(OUTAGE, worded(NOW))["page"]["status_indicator"] == "critical"


def test_a_word_that_arrives_late_says_what_was_true_when_it_was_said() -> None:
    over = replace(
        SPOKEN, status=Phase.RESOLVED, resolved_at=NOW, monitoring_at=NOW, updated_at=NOW
    )
    last = replace(SAID, n=4, at=NOW, phase=Phase.RESOLVED)
    shown = board(past_incidents=(replace(over, updates=(last, *SPOKEN.updates)),))
    body = told(shown, worded(ACKNOWLEDGED.at))
    IncidentEvent.model_validate(body)
    incident = body["incident"]
    assert incident["status"] == "investigating"
    assert (incident["resolved_at"], incident["monitoring_at"]) == (None, None)
    assert len(incident["incident_updates"]) == 2
    whole = told(shown, worded(NOW))["incident"]
    assert (whole["status"], len(whole["incident_updates"])) == ("resolved", 4)
    assert whole["resolved_at"] is not None


def test_that_there_is_no_news_stands_as_an_update() -> None:
    shown = board(open_incidents=(SPOKEN,))
    at = SAID.at + timedelta(hours=1)
    word = facts.Holding(
        incident=about(SPOKEN), acknowledged=True, next_word_at=at + timedelta(hours=4), said_at=at
    )
    body = told(shown, word)
    IncidentEvent.model_validate(body)
    newest = body["incident"]["incident_updates"][0]
    assert newest["body"] == "There is no news.\n\nWe mend it."
    assert newest["status"] == "identified"
    assert newest["id"] == told(shown, word)["incident"]["incident_updates"][0]["id"]


def test_a_postmortem_stands_in_its_own_field_too() -> None:
    shown = board(past_incidents=(LEARNED,))
    learned = next(one for one in LEARNED.updates if one.phase is Phase.POSTMORTEM)
    body = told(shown, worded(learned.at, LEARNED))
    IncidentEvent.model_validate(body)
    assert body["incident"]["postmortem_body"] == body["incident"]["incident_updates"][0]["body"]
    assert body["incident"]["postmortem_notified_subscribers"] is True


@pytest.mark.parametrize("occasion", ["maintenance_announced", "maintenance_tomorrow"])
def test_planned_work_is_an_incident_with_its_times(occasion: Any) -> None:
    view = PLANNED.maintenances[0]
    work = facts.MaintenanceFacts(
        id=view.id,
        url=f"https://status.acme.example/maintenances/{view.id}",
        starts_at=view.starts_at,
        ends_at=view.ends_at,
        names=("Shop",),
    )
    body = told(PLANNED, facts.Planned(maintenance=work, said_at=NOW, occasion=occasion))
    WorkEvent.model_validate(body)
    assert body["incident"]["impact"] == "maintenance"
    reminded = body["incident"]["scheduled_reminded_at"] is not None
    assert reminded is (occasion == "maintenance_tomorrow")


def test_what_is_not_shown_any_more_is_not_told() -> None:
    assert "incident" not in told(board(), worded(NOW))


def test_it_speaks_the_readers_language() -> None:
    shown = board(open_incidents=(replace(SPOKEN, updates=(NOTICED,)),))
    english, italian = (
        told(shown, worded(NOW), code)["incident"]["incident_updates"][0]["body"]
        for code in ("en", "it")
    )
    assert english != italian
