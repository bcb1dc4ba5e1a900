"""How are the people told who must mend it?

English plain text: facts first, then ready commands, each on a line of its own that may be
pasted as it is (so nothing is wrapped). The same as JSON for hooks: ``type``, ``timestamp``
and ``data`` as in Standard Webhooks, and ``text``, which chat systems show. Technical words
are welcome here. Nothing here looks at a clock, a socket or a row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from notifications import commands, own_troubles
from notifications.alarms import (
    Again,
    Alarm,
    CameBack,
    CodesMissing,
    LettersWaiting,
    Opened,
    PostmortemDue,
    PromiseDue,
    ReaderWanted,
    Recovered,
    StillOpen,
    Trouble,
    freeze_alarm,
)
from notifications.commands import Command
from notifications.facts import Site
from notifications.language import load
from notifications.plain import one_line
from notifications.spoken import Clock, Said


@dataclass(frozen=True)
class Call:
    """``subject`` is one line; ``body`` is JSON-ready, for webhooks."""

    subject: str
    text: str
    body: dict[str, Any]


def write(alarm: Alarm, site: Site) -> Call:
    """The same call for every operator."""
    tell: Callable[[Any, Clock], Said] = _TELL[type(alarm)]
    said = tell(alarm, Clock(site, alarm.at))
    subject = f"{one_line(site.name)}: {said.subject}"
    text = "\n".join([*said.sentences, *_offered(said.commands)]) + "\n"
    return Call(subject, text, _body(alarm, subject, text, said.commands))


def _offered(offered: Sequence[Command]) -> list[str]:
    return [
        line
        for command in offered
        for line in ("", f"To {command.purpose}:", command.avviso, command.curl)
    ]


def _body(alarm: Alarm, subject: str, text: str, offered: Sequence[Command]) -> dict[str, Any]:
    ready = [
        {"purpose": command.purpose, "avviso": command.avviso, "curl": command.curl}
        for command in offered
    ]
    return {
        "type": f"operators.{alarm.occasion}",
        "timestamp": alarm.at.isoformat().replace("+00:00", "Z"),
        "text": f"{subject}\n{text}",
        "data": {**freeze_alarm(alarm), "subject": subject, "commands": ready},
    }


def _opened(alarm: Opened, clock: Clock) -> Said:
    incident, url = alarm.incident, clock.site.url
    return Said(
        f"{_title(incident)} {_are(incident)} down",
        (*_facts(incident, clock), _letters(incident, clock), incident.url),
        [
            commands.acknowledge(url, incident.id),
            commands.stop_letters(url, incident.id),
            commands.false_alarm(url, incident.id, clock.site.default_language),
        ],
    )


def _again(alarm: Again, clock: Clock) -> Said:
    said = _opened(Opened(incident=alarm.incident, at=alarm.at), clock)
    length = load("en").duration(alarm.at - alarm.incident.started_at)
    count = "once" if alarm.times == 1 else f"{alarm.times} times"
    line = f"Nobody has acknowledged this yet. We called {count} in {length}."
    return Said(f"not acknowledged: {said.subject}", (line, *said.sentences), said.commands)


def _recovered(alarm: Recovered, clock: Clock) -> Said:
    incident = alarm.incident
    length = load("en").duration(alarm.at - incident.started_at)
    line = f"Every check is well since {clock(alarm.at)}, {length} after it began."
    machine = "It is closed by itself when it stays well."
    yours = "You have spoken for it, so its last word is yours."
    return Said(
        f"{_title(incident)} {_are(incident)} well again",
        (line, yours if alarm.yours_to_close else machine, incident.url),
        [_resolve(incident, clock)] if alarm.yours_to_close else (),
    )


def _still_open(alarm: StillOpen, clock: Clock) -> Said:
    incident = alarm.incident
    lines = [f"Every check is well since {clock(alarm.well_since)}, and the incident is open."]
    if alarm.closes_at:
        lines.append(f"It is closed by itself at {clock(alarm.closes_at)}.")
    return Said(
        f"{_title(incident)} {_are(incident)} well, please close",
        (*lines, incident.url),
        [_resolve(incident, clock)],
    )


def _letters_waiting(alarm: LettersWaiting, clock: Clock) -> Said:
    listed = [f"- {_title(incident)}: {incident.url}" for incident in alarm.incidents]
    why = "So much failed at once that it may be us. The page speaks, the letters wait for you."
    offered = [_speak(incident, clock) for incident in alarm.incidents[:1]]
    return Said("letters wait for you", (why, *listed), offered)


def _promise_due(alarm: PromiseDue, clock: Clock) -> Said:
    incident = alarm.incident
    late = alarm.at >= alarm.due_at
    line = f"Customers {'were' if late else 'are'} promised a word by {clock(alarm.due_at)}."
    return Said(
        f"{_title(incident)}: a word is {'late' if late else 'due'}",
        (line, incident.url),
        [_speak(incident, clock)],
    )


def _reader_wanted(alarm: ReaderWanted, clock: Clock) -> Said:
    author = one_line(alarm.author)
    waits = f"{author} has written to customers, and the letter waits for another reader."
    leaves = f"It leaves at {clock(alarm.leaves_at)}, read or not."
    return Said(
        f"{_title(alarm.incident)}: please read a letter",
        (waits, leaves, alarm.incident.url),
        [
            commands.read_letter(clock.site.url, alarm.letter),
            commands.approve_letter(clock.site.url, alarm.letter),
            *([] if alarm.planned else [commands.stop_letters(clock.site.url, alarm.incident.id)]),
        ],
    )


def _resolve(incident: Trouble, clock: Clock) -> Command:
    return commands.resolve(clock.site.url, incident.id, clock.site.default_language)


def _speak(incident: Trouble, clock: Clock) -> Command:
    return commands.release_letters(clock.site.url, incident.id, clock.site.default_language)


def _postmortem_due(alarm: PostmortemDue, clock: Clock) -> Said:
    incident = alarm.incident
    late = alarm.at >= alarm.due_at
    line = (
        f"Customers {'were' if late else 'are'} to read what we learned by {clock(alarm.due_at)}."
    )
    page = f"The page says {'that we are late with it' if late else 'so too'}."
    return Said(
        f"{_title(incident)}: the postmortem is {'late' if late else 'owed'}",
        (line, page, incident.url),
        [commands.postmortem(clock.site.url, incident.id)],
    )


def _codes_missing(alarm: CodesMissing, clock: Clock) -> Said:
    incident = alarm.incident
    who = "1 customer has" if alarm.missing == 1 else f"{alarm.missing} customers have"
    return Said(
        f"{_title(incident)}: codes are missing",
        (f"{who} no code. The letters of the postmortem wait for more.", incident.url),
        [commands.codes(clock.site.url, incident.id)],
    )


def _came_back(alarm: CameBack, clock: Clock) -> Said:  # noqa: ARG001  says no time
    about = f"{_title(alarm.incident)}: " if alarm.incident else ""
    share = round(100 * alarm.returned / alarm.letters)
    return Said(
        f"{about}{share} % of the letters came back",
        (
            f"{alarm.returned} of {alarm.letters} letters came back, most often with the words:",
            f"  {one_line(alarm.reason)}",
            "An address from which three in a row come back gets no more.",
            *([alarm.incident.url] if alarm.incident else ()),
        ),
    )


def _title(incident: Trouble) -> str:
    """The causes, or what suffers where nobody knows the cause."""
    return load("en").listed([one_line(name) for name in _names(incident)]) or "a system"


def _names(incident: Trouble) -> list[str]:
    return [cause.component for cause in incident.causes] or list(incident.affected)


def _are(incident: Trouble) -> str:
    return "are" if len(_names(incident)) > 1 else "is"


def _facts(incident: Trouble, clock: Clock) -> list[str]:
    lines = []
    for cause in incident.causes:
        lines.append(f"{one_line(cause.component)} is down since {clock(cause.since)}.")
        lines += [f"  {one_line(said)}" for said in cause.says]
    if incident.affected:
        lines.append(f"Affected: {load('en').listed([one_line(n) for n in incident.affected])}.")
    return lines or [f"An incident is open since {clock(incident.started_at)}."]


def _letters(incident: Trouble, clock: Clock) -> str:
    if incident.letters_at is None:
        return "No letter to customers leaves by itself."
    return f"Letters to customers leave at {clock(incident.letters_at)}, unless you stop them."


_TELL: dict[type[Any], Callable[[Any, Clock], Said]] = {
    **own_troubles.TELL,
    Opened: _opened,
    Again: _again,
    Recovered: _recovered,
    StillOpen: _still_open,
    LettersWaiting: _letters_waiting,
    PromiseDue: _promise_due,
    ReaderWanted: _reader_wanted,
    PostmortemDue: _postmortem_due,
    CodesMissing: _codes_missing,
    CameBack: _came_back,
}
