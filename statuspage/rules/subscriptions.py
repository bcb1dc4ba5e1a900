"""Who wants to hear of what, and what is an address?

Nothing here looks at a clock, a socket or a row. Nobody is told of what they did not
choose; who chose "Shop" is told of a cause that lies below it. An address is kept as its
owner wrote it (plus-addressing, international names), and no sentence here repeats it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email

from statuspage.vocabulary import Impact, Role

CONFIRM_WITHIN = timedelta(days=7)
"""So long a link to confirm is good; an address that did not use it is forgotten."""
ASK_AGAIN_AFTER = (timedelta(hours=1), timedelta(hours=1), timedelta(days=1))
"""So long after each letter to confirm none goes, whoever fills in the form; the last repeats."""
ROOM_OF_A_YES = 3
"""Whoever confirms makes room for so many letters: honest crowds are soon through."""
TEXT_VERSION = "2026-11b"
"""Of the sentence beside the form that people say yes to; goes into the proof."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody chose. No component and no group: all. ``least_impact``: of incidents, at
    least so bad. ``ends_only``: of an incident no word between the first and the last.
    ``only_incident_id``: its last word, and nothing else ever.
    """

    components: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    least_impact: str = Impact.NONE
    ends_only: bool = False
    only_incident_id: str | None = None


def chose_themselves(proof: Mapping[str, object]) -> bool:
    """Whether a proof tells of somebody who subscribed, or changed their wishes: no list and no
    operator overrules them.
    """
    return not proof.keys().isdisjoint(("confirmed", "changed"))


class Turn(StrEnum):
    """Which word it is, of all that are said about one thing."""

    FIRST = "first"
    """By the machine, to whoever has not been told."""
    WORD = "word"
    LAST = "last"
    AFTER = "after"
    """To those who were told: a correction, what we learned of it."""


@dataclass(frozen=True, slots=True)
class About:
    """What a word is about. ``components`` None: everybody's business. ``impact`` and
    ``incident_id`` None: no incident.
    """

    turn: Turn = Turn.WORD
    components: frozenset[str] | None = None
    groups: frozenset[str] = frozenset()
    impact: str | None = None
    incident_id: str | None = None


class NoAddress(ValueError):
    """This is no mail address; the message does not repeat it."""


def normalised(address: str) -> str:
    """The address as it is kept: domain in lower case, everything else as written.

    Asks no name server: that would be slow, and would tell others who subscribes.
    Raises ``NoAddress``.
    """
    try:
        return validate_email(address.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        # its message may quote the address, and so would the chained exception's
        raise NoAddress("This is not a complete mail address, like anna@example.org.") from None


def concerned(roles: Mapping[str, str], depends_on: Mapping[str, Collection[str]]) -> set[str]:
    """Whose subscribers an incident concerns: the components that it names, and all that
    stand on one where it began. ``roles``: component -> role in the incident;
    ``depends_on``: component -> those below it. Circles do no harm.
    """
    began = {id for id, role in roles.items() if role == Role.CAUSE} or set(roles)
    return set(roles) | _above(began, depends_on)


def wants(wishes: Wishes, about: About, *, told: bool = False, joined: bool = False) -> bool:
    """Whether somebody is to hear this. ``told``: an earlier word about the same reached them,
    or is about to; ``joined``: they said yes to letters while it lasted.

    Whoever was told hears the rest: the letter promised it, however small the trouble has
    become since; and hears the end, whatever they have chosen since.
    """
    if wishes.only_incident_id is not None:
        return about.turn is Turn.LAST and about.incident_id == wishes.only_incident_id
    if about.turn is Turn.AFTER:
        return True  # it is asked only of those who got what it comes after
    if about.turn is Turn.LAST and (told or not joined):
        return told
    if told and (about.turn is Turn.FIRST or (wishes.ends_only and about.incident_id is not None)):
        return False
    return _chose(wishes, about) and (told or _is_bad_enough(wishes, about))


def _chose(wishes: Wishes, about: About) -> bool:
    if about.components is None or not (wishes.components or wishes.groups):
        return True
    return not (
        about.components.isdisjoint(wishes.components) and about.groups.isdisjoint(wishes.groups)
    )


def _is_bad_enough(wishes: Wishes, about: About) -> bool:
    if about.impact is None:
        return True
    return Impact(about.impact).weight >= Impact(wishes.least_impact).weight


def chosen_from(wished: Iterable[str], offered: Collection[str]) -> list[str] | None:
    """The components wished for, each once; None when one is not on offer.

    Ticking every box is not the same as no choice: what is added later was not chosen.
    """
    chosen = list(dict.fromkeys(wished))
    return chosen if set(chosen) <= set(offered) else None


def may_ask_again(asked_at: datetime | None, now: datetime, letters: int = 1) -> bool:
    """Whether one more letter to confirm may go to this address, after so many without a yes."""
    pause = ASK_AGAIN_AFTER[min(max(letters, 1), len(ASK_AGAIN_AFTER)) - 1]
    return asked_at is None or now - asked_at >= pause


def has_expired(asked_at: datetime | None, now: datetime) -> bool:
    """Whether a link to confirm is too old to be used."""
    return asked_at is None or now - asked_at >= CONFIRM_WITHIN


def _above(began: set[str], depends_on: Mapping[str, Collection[str]]) -> set[str]:
    above: set[str] = set()
    newly = set(began)
    while newly:
        newly = {id for id, below in depends_on.items() if not newly.isdisjoint(below)} - above
        above |= newly
    return above
