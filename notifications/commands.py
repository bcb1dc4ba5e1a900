"""What does an operator paste into a shell at three in the morning?

Each action as two ready lines: ``avviso …`` (with AVVISO_URL and AVVISO_TOKEN set) and curl.
Every value is quoted for a POSIX shell; only ``$AVVISO_TOKEN`` is left for it to fill in. Words
for customers are in the language that the site takes for its own: these lines name none.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from notifications.language import load

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


def false_alarm(site_url: str, incident_id: str, language: str = "en") -> Command:
    words = ready("false_alarm", language)
    return Command(
        "declare a false alarm",
        _said("resolve", incident_id, words, "--false-alarm"),
        _update(site_url, incident_id, {"status": "resolved", "false_alarm": True, **words}),
    )


def resolve(site_url: str, incident_id: str, language: str = "en") -> Command:
    words = ready("resolved", language)
    return Command(
        "end it, in your own words",
        _said("resolve", incident_id, words),
        _update(site_url, incident_id, {"status": "resolved", **words}),
    )


def release_letters(site_url: str, incident_id: str, language: str = "en") -> Command:
    """A word of a person's is what the waiting letters wait for."""
    words = ready("investigating", language)
    return Command(
        "write to customers, in your own words",
        _said("update", incident_id, words, "--doing", words["what_we_are_doing"]),
        _update(site_url, incident_id, {"status": "investigating", **words}),
    )


def ready(which: str, language: str) -> dict[str, str]:
    """What happened and what we are doing, for whoever has no time for words of their own."""
    spoken = load(language)
    parts = ("what_happened", "what_we_are_doing")
    return {part: spoken.text(f"ready.{which}.{part}") for part in parts}


def _said(verb: str, incident_id: str, words: Mapping[str, str], *options: str) -> str:
    return shlex.join(["avviso", "incident", verb, incident_id, words["what_happened"], *options])


def _update(site_url: str, incident_id: str, body: Mapping[str, object]) -> str:
    return _post(site_url, incident_id, "updates", body)


def read_letter(site_url: str, letter_id: str) -> Command:
    return Command(
        "read it",
        shlex.join(["avviso", "letters", "show", letter_id]),
        f"curl -X GET {_AUTHORIZATION} {_url(site_url, f'letters/{letter_id}')}",
    )


def approve_letter(site_url: str, letter_id: str) -> Command:
    return Command(
        "let it go",
        shlex.join(["avviso", "letters", "approve", letter_id]),
        f"curl -X POST {_AUTHORIZATION} {_url(site_url, f'letters/{letter_id}/approve')}",
    )


def _url(site_url: str, path: str) -> str:
    return shlex.quote(f"{site_url.rstrip('/')}/api/v1/{path}")


def postmortem(site_url: str, incident_id: str) -> Command:
    """Three parts are too long for a shell's line: both read them from a file."""
    return Command(
        "say what we learned, from a file (without --file, a form to fill in is printed)",
        shlex.join(["avviso", "incident", "postmortem", incident_id, "--file", "postmortem.toml"]),
        _put_file(site_url, incident_id, "postmortem", "postmortem.json"),
    )


def codes(site_url: str, incident_id: str) -> Command:
    return Command(
        "upload more codes, one a line",
        shlex.join(["avviso", "incident", "codes", incident_id, "codes.txt"]),
        _post(site_url, incident_id, "postmortem/codes", {"codes": ["CODE-1", "CODE-2"]}),
    )


def _put_file(site_url: str, incident_id: str, action: str, name: str) -> str:
    url = _url(site_url, f"incidents/{incident_id}/{action}")
    return f"curl -X PUT {_AUTHORIZATION} {_JSON} --data-binary @{name} {url}"


def _post(
    site_url: str, incident_id: str, action: str, body: Mapping[str, object] | None = None
) -> str:
    url = _url(site_url, f"incidents/{incident_id}/{action}")
    if body is None:
        return f"curl -X POST {_AUTHORIZATION} {url}"
    written = shlex.quote(json.dumps(dict(body), ensure_ascii=False))
    return f"curl -X POST {_AUTHORIZATION} {_JSON} -d {written} {url}"
