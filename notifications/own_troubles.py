"""What do operators hear of our own troubles: connection, mail, limits, disk, pages?

Nothing here looks at a clock, a socket or a row.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from notifications.alarms import (
    CanaryBack,
    CanaryLost,
    ConnectedAgain,
    CutOff,
    DiskFull,
    HeldBack,
    MailStuck,
    OtherRelay,
    PagesFresh,
    PagesStale,
)
from notifications.language import load
from notifications.plain import one_line
from notifications.spoken import Clock, Said


def _cut_off(alarm: CutOff, clock: Clock) -> Said:
    none = f"No reference answers ({', '.join(alarm.references)}): it is our own connection."
    held = f"{alarm.failing} failing checks are not believed, and nobody is written to."
    return Said("we are cut off", (f"Since {clock(alarm.at)}. {none}", held))


def _connected_again(alarm: ConnectedAgain, clock: Clock) -> Said:
    length = load("en").duration(alarm.at - alarm.since)
    line = f"A reference answers again since {clock(alarm.at)}. We were cut off for {length}."
    return Said("we are connected again", (line, "What we see is believed again."))


def _mail_stuck(alarm: MailStuck, clock: Clock) -> Said:
    waiting = "1 letter waits" if alarm.waiting == 1 else f"{alarm.waiting} letters wait"
    return Said(
        "mail is stuck",
        (
            f"No letter has left since {clock(alarm.since)}; {waiting}.",
            f"The mail server: {one_line(alarm.reason)}",
            "They are tried again by themselves; nothing is lost.",
        ),
    )


def _held_back(alarm: HeldBack, clock: Clock) -> Said:
    who = "1 customer has" if alarm.customers == 1 else f"{alarm.customers} customers have"
    most = f"{alarm.per_hour} an hour, {alarm.per_day} a day"
    return Said(
        "letters are held back",
        (
            f"{who} got as many letters as one may get: {most}.",
            f"What else is told to them waits, the first until {clock(alarm.until)}.",
            "Then all of it goes as one letter to each; nothing is lost.",
            "If something announces too much, stop its letters: avviso letters stop ID",
        ),
    )


def _other_relay(alarm: OtherRelay, clock: Clock) -> Said:
    if alarm.stood_in:
        first = f"The first mail relay lets nobody in: {one_line(alarm.reason)}"
        then = "Letters go by the second one; the first is asked again by itself."
        return Said("mail goes by the second relay", (f"Since {clock(alarm.at)}.", first, then))
    line = f"The first mail relay takes letters again since {clock(alarm.at)}."
    return Said("mail goes by the first relay again", (line,))


def _disk_full(alarm: DiskFull, clock: Clock) -> Said:
    line = f"{one_line(alarm.where)} could not be written at {clock(alarm.at)}."
    return Said("the disk is full", (line, "The pages stand; what must be stored waits."))


def _pages_stale(alarm: PagesStale, clock: Clock) -> Said:
    first = f"A mistake of ours at {clock(alarm.at)}: {one_line(alarm.reason)}"
    stands = "What could not be written stands as it was last; all other pages go on."
    again = "We try again by ourselves; the log has more. Please tell whoever makes Avviso."
    return Said("pages are not up to date", (first, stands, again))


def _pages_fresh(alarm: PagesFresh, clock: Clock) -> Said:
    length = load("en").duration(alarm.at - alarm.since)
    line = f"All are written again since {clock(alarm.at)}; some were not for {length}."
    return Said("pages are up to date again", (line,))


def _canary_lost(alarm: CanaryLost, clock: Clock) -> Said:
    left = f"The letter that we wrote to ourselves at {clock(alarm.sent_at)} has not arrived."
    took = (
        f"The relay took it at {clock(alarm.accepted_at)}."
        if alarm.accepted_at
        else "The relay has not taken it."
    )
    known = [f"What we know: {one_line(alarm.reason)}"] if alarm.reason else []
    doubt = "Until it is well again, do not rely on customers getting our letters."
    return Said("our letters may not arrive", (left, took, *known, doubt))


def _canary_back(alarm: CanaryBack, clock: Clock) -> Said:
    took = load("en").duration(timedelta(seconds=alarm.took_s))
    length = load("en").duration(alarm.at - alarm.since)
    return Said(
        "our letters arrive again",
        (
            f"A letter to ourselves arrived at {clock(alarm.at)}; it took {took}.",
            f"You have known for {length} that none did.",
        ),
    )


TELL: dict[type[Any], Callable[[Any, Clock], Said]] = {
    CutOff: _cut_off,
    ConnectedAgain: _connected_again,
    MailStuck: _mail_stuck,
    HeldBack: _held_back,
    OtherRelay: _other_relay,
    CanaryLost: _canary_lost,
    CanaryBack: _canary_back,
    DiskFull: _disk_full,
    PagesStale: _pages_stale,
    PagesFresh: _pages_fresh,
}
