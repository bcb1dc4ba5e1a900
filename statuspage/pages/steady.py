"""When is it read, as far as that matters?

What is told of something changes by itself at few moments: a promise passes, a day begins. A
reader who is given only those reads the same thing as one who looks now, and is equal to
themselves until the next of them; so what was rendered for them is not rendered again.
"""

from __future__ import annotations

from dataclasses import replace

from statuspage.pages.postmortem import settled
from statuspage.pages.reader import Reader
from statuspage.rules.board import IncidentView
from statuspage.rules.planned import MaintenanceView
from statuspage.rules.taken_back import TakenBackView


def steady(one: IncidentView | MaintenanceView | TakenBackView, reader: Reader) -> Reader:
    """For one of them. Of what changes with no hour any more it does not matter
    when it is read.
    """
    if isinstance(one, MaintenanceView) and one.ended_at is None:
        return reader.steady()
    if not isinstance(one, IncidentView) or settled(one):
        return replace(reader, today=one.updated_at)
    promise = one.promise
    return reader.steady(
        promise.due_at if promise else None,
        one.postmortem_due_at,
        one.told.learned.due_at if one.told.learned else None,
    )
