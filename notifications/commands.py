"""What does an operator paste into a shell at three in the morning?

Each action as two ready lines: ``avviso …`` (with AVVISO_URL and AVVISO_TOKEN set) and curl.
Every value is quoted for a POSIX shell; only ``$AVVISO_TOKEN`` is left for it to fill in.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

_AUTHORIZATION = '-H "Authorization: Bearer $AVVISO_TOKEN"'
_JSON = "-H 'Content-Type: application/json'"


@dataclass(frozen=True)
class Command:
    """``purpose`` completes "To …:"."""

    purpose: str
    avviso: str
    curl: str


def acknowledge(site_url: str, incident_id: str) -> Command:
    return Command(
        "say that you are on it",
        shlex.join(["avviso", "incident", "acknowledge", incident_id]),
        _post(site_url, incident_id, "acknowledge"),
    )


def stop_letters(site_url: str, incident_id: str) -> Command:
    return Command(
        "stop the letters to customers",
        shlex.join(["avviso", "letters", "stop", incident_id]),
        _post(site_url, incident_id, "letters/stop"),
    )


def false_alarm(site_url: str, incident_id: str) -> Command:
    happened, doing = "Our checks were wrong: nothing was down.", "We are correcting the checks."
    body = {
        "status": "resolved",
        "false_alarm": True,
        "what_happened": happened,
        "what_we_are_doing": doing,
    }
    return Command(
        "declare a false alarm",
        shlex.join(["avviso", "incident", "resolve", incident_id, happened, "--false-alarm"]),
        _post(site_url, incident_id, "updates", body),
    )


def resolve(site_url: str, incident_id: str) -> Command:
    happened, doing = "It works again.", "We keep watching."
    body = {"status": "resolved", "what_happened": happened, "what_we_are_doing": doing}
    return Command(
        "end it, in your own words",
        shlex.join(["avviso", "incident", "resolve", incident_id, happened]),
        _post(site_url, incident_id, "updates", body),
    )


def release_letters(site_url: str, incident_id: str) -> Command:
    """A word of a person's is what the waiting letters wait for."""
    happened, doing = "Something is not working.", "We are on it."
    body = {"status": "investigating", "what_happened": happened, "what_we_are_doing": doing}
    return Command(
        "write to customers, in your own words",
        shlex.join(["avviso", "incident", "update", incident_id, happened]),
        _post(site_url, incident_id, "updates", body),
    )


def _post(
    site_url: str, incident_id: str, action: str, body: Mapping[str, object] | None = None
) -> str:
    url = shlex.quote(f"{site_url.rstrip('/')}/api/v1/incidents/{incident_id}/{action}")
    if body is None:
        return f"curl -X POST {_AUTHORIZATION} {url}"
    written = shlex.quote(json.dumps(dict(body), ensure_ascii=False))
    return f"curl -X POST {_AUTHORIZATION} {_JSON} -d {written} {url}"
