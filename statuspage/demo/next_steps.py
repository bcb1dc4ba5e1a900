"""What would an operator type now?

Ready lines for a shell, with the demo's real address and ids in them: the same that stand
in the message to the operators, and one for words of one's own.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from notifications import commands
from notifications.commands import Command

_HAPPENED = "A full disk stopped our orders database. Orders already placed are safe."
_DOING = "We are making room and starting it again."
_AUTHORIZED = '-H "Authorization: Bearer $AVVISO_TOKEN" -H "Content-Type: application/json"'


def preparation(site_url: str, token: str) -> list[str]:
    """What a shell needs once, before any of the lines."""
    lines = [f"export AVVISO_URL={site_url}", f"export AVVISO_TOKEN={shlex.quote(token)}"]
    command = Path(sys.executable).with_name("avviso")
    if shutil.which("avviso") is None and command.exists():
        lines.append(f"alias avviso={shlex.quote(str(command))}")
    return lines


def steps(site_url: str, incident_id: str | None) -> list[Command]:
    """What helps now; without an incident, how to open one by hand."""
    if incident_id is None:
        return [_open(site_url)]
    return [
        commands.acknowledge(site_url, incident_id),
        _update(site_url, incident_id),
        commands.stop_letters(site_url, incident_id),
        commands.resolve(site_url, incident_id),
    ]


def _open(site_url: str) -> Command:
    words = "Orders from this morning are late."
    body = {"components": {"shop": "degraded_performance"}, "what_happened": words}
    return Command(
        "tell of something that no check sees",
        shlex.join(["avviso", "incident", "open", "shop", words]),
        _post(f"{site_url}/api/v1/incidents", body),
    )


def _update(site_url: str, incident_id: str) -> Command:
    body = {
        "status": "identified",
        "what_happened": _HAPPENED,
        "what_we_are_doing": _DOING,
        "next_update_in": "20m",
    }
    return Command(
        "tell customers what it is, in your own words",
        shlex.join(["avviso", "incident", "update", incident_id, _HAPPENED]),
        _post(f"{site_url}/api/v1/incidents/{incident_id}/updates", body),
    )


def _post(url: str, body: Mapping[str, object]) -> str:
    return f"curl -X POST {_AUTHORIZED} -d {shlex.quote(json.dumps(body))} {shlex.quote(url)}"
