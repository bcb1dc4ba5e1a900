"""Who is written to, and in which language?

``announce`` writes to those whom this names, and dry runs count them: of this moment, and
nobody is written to by them. What the rows say is read here, what it means is asked of
``rules.subscriptions``; those who wish alike are asked about once.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import recipients
from statuspage.actions.announcements import last_over
from statuspage.actions.earlier_words import SPARED, got_the_word, is_quiet, was_told
from statuspage.rules import subscriptions
from statuspage.rules.maintenance_facts import public_ids
from statuspage.rules.subscriptions import About, Turn, Wishes
from statuspage.settings import Settings
from statuspage.tables import Announcement, Delivery, Incident, Maintenance, Share, Subscriber
from statuspage.vocabulary import Impact

_AFTERWARDS = ("corrected", "postmortem", "actions_done")
_Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom an announcement is for: select ``columns`` of the subscribers ``among`` whom they
    are, and ask of each row whether they want it.
    """

    columns: tuple[sa.ColumnElement[Any], ...]
    among: tuple[sa.ColumnElement[bool], ...]
    _about: About
    _not_if: About | None = None
    """Whoever wants this gets that word and not this one."""
    _known: dict[_Row, bool] = field(default_factory=dict)

    def wants(self, row: _Row) -> bool:
        """``row`` has the values of ``columns``, in their order."""
        key = tuple(row)
        if key not in self._known:
            components, groups, least_impact, ends_only, only, told, joined = key
            wishes = Wishes(
                components=tuple(json.loads(components)),
                groups=tuple(json.loads(groups)),
                least_impact=least_impact,
                ends_only=ends_only,
                only_incident_id=only,
            )
            wanted = subscriptions.wants(wishes, self._about, told=told, joined=joined)
            spares = self._not_if is not None and subscriptions.wants(wishes, self._not_if)
            self._known[key] = wanted and not spares
        return self._known[key]


async def of(session: AsyncSession, settings: Settings, announcement: Announcement) -> Audience:
    about = await _about(session, settings, announcement)
    columns, among = _columns(announcement, about), _among(announcement, about)
    return Audience(columns, among, about, await _still_concerned(session, settings, announcement))


async def by_language(
    session: AsyncSession, settings: Settings, announcement: Announcement
) -> dict[str, int]:
    """Language -> how many; those who chose alike are one row, so a hundred thousand are few."""
    audience = await of(session, settings, announcement)
    each = sa.select(col(Subscriber.language), *audience.columns).where(*audience.among).subquery()
    found = await session.execute(sa.select(sa.func.count(), *each.c).group_by(*each.c))
    counts: Counter[str] = Counter()
    for count, code, *row in found:
        if audience.wants(row):
            counts[code] += count
    return dict(sorted(counts.items()))


async def anybody_hears_the_end(session: AsyncSession, incident_id: str) -> bool:
    """Was anybody told of it, or has anybody said yes while it lasts? What they wish is asked
    when its end is spread.
    """
    if await recipients.anybody(session, incident_id):
        return True
    found = await session.execute(
        sa.select(
            sa.select(col(Subscriber.id))
            .where(col(Subscriber.state) == "active", _joined_since(incident_id))
            .exists()
        )
    )
    return bool(found.scalar_one())


async def _about(session: AsyncSession, settings: Settings, announcement: Announcement) -> About:
    concerned = await _concerned(session, settings, announcement)
    if concerned is None:
        return About(_turn(announcement))
    incident = None
    if announcement.incident_id is not None:
        incident = await session.get_one(Incident, announcement.incident_id)
    return About(
        turn=_turn(announcement),
        components=frozenset(concerned),
        groups=_groups_of(settings, concerned),
        impact=incident.impact if incident else None,
        incident_id=announcement.incident_id,
    )


async def _concerned(
    session: AsyncSession, settings: Settings, announcement: Announcement
) -> set[str] | None:
    if announcement.occasion == SPARED:
        return set(announcement.facts["of"])
    if announcement.maintenance_id is not None:
        row = await session.get_one(Maintenance, announcement.maintenance_id)
        return set(row.components)
    if announcement.incident_id is None:
        return None
    shares = await session.execute(
        sa.select(col(Share.component_id), col(Share.role)).where(
            col(Share.incident_id) == announcement.incident_id
        )
    )
    roles = {share.component_id: share.role for share in shares}
    depends_on = {component.id: component.depends_on for component in settings.components}
    return subscriptions.concerned(roles, depends_on)


async def _still_concerned(
    session: AsyncSession, settings: Settings, announcement: Announcement
) -> About | None:
    """What a maintenance that spares some of its components touches all the same."""
    if announcement.occasion != SPARED:
        return None
    row = await session.get_one(Maintenance, announcement.maintenance_id)
    touched = public_ids(settings, row.components)
    if not touched:  # what is left is internal, and concerns nobody
        return None
    return About(components=frozenset(touched), groups=_groups_of(settings, touched))


def _groups_of(settings: Settings, ids: Collection[str]) -> frozenset[str]:
    return frozenset(one.group for one in settings.components if one.id in ids and one.group)


def _turn(announcement: Announcement) -> Turn:
    if announcement.only_told_of is not None or announcement.occasion in _AFTERWARDS:
        return Turn.AFTER
    if announcement.only_told and announcement.occasion != SPARED:
        return Turn.LAST
    return Turn.FIRST if announcement.occasion == "noticed" else Turn.WORD


def _columns(announcement: Announcement, about: About) -> tuple[sa.ColumnElement[Any], ...]:
    """What they wish, what they were told before, and whether they joined meanwhile; in the
    order in which ``Audience.wants`` reads them. Json has no equality on PostgreSQL: its text
    has.
    """
    return (
        sa.cast(col(Subscriber.components), sa.Text).label("components"),
        sa.cast(col(Subscriber.groups), sa.Text).label("groups"),
        sa.type_coerce(col(Subscriber.least_impact), sa.String),
        sa.type_coerce(col(Subscriber.ends_only), sa.Boolean),
        sa.type_coerce(col(Subscriber.only_incident_id), sa.String),
        _told(announcement, about).label("told"),
        _joined(about).label("joined"),
    )


def _told(announcement: Announcement, about: About) -> sa.ColumnElement[bool]:
    """Looked up where something hangs on it: for most words and most customers nothing does."""
    if about.turn is Turn.AFTER or (about.turn is Turn.WORD and about.incident_id is None):
        return sa.false()
    if about.turn is Turn.LAST:
        return was_told(announcement)
    over_at = last_over(announcement.incident_id)  # what begins again is told again
    since = sa.or_(over_at.is_(None), col(Delivery.created_at) > over_at)
    told = was_told(announcement, since)
    if about.turn is Turn.FIRST:
        return told
    particular = sa.or_(
        col(Subscriber.ends_only), col(Subscriber.least_impact) != Impact.NONE.value
    )
    return sa.case((particular, told), else_=sa.false())


def _joined(about: About) -> sa.ColumnElement[bool]:
    if about.turn is not Turn.LAST or about.incident_id is None:
        return sa.false()
    return sa.func.coalesce(_joined_since(about.incident_id), sa.false())


def _joined_since(incident_id: str) -> sa.ColumnElement[bool]:
    """They asked for letters and said yes since it began; whoever was added by an operator
    meanwhile asked for nothing, and would hear the end of what they never heard of.
    """
    began = (
        sa.select(sa.func.coalesce(col(Incident.again_at), col(Incident.started_at)))
        .where(col(Incident.id) == incident_id)
        .scalar_subquery()
    )
    return sa.and_(col(Subscriber.asked_at).is_not(None), col(Subscriber.confirmed_at) >= began)


def _among(announcement: Announcement, about: About) -> tuple[sa.ColumnElement[bool], ...]:
    """Who comes into question at all."""
    active = col(Subscriber.state) == "active"
    if announcement.only_told_of is not None:
        return active, got_the_word(announcement)
    if announcement.only_told and about.turn is not Turn.LAST:
        return active, was_told(announcement)
    if announcement.update_n is not None and about.turn is Turn.LAST:
        quiet = is_quiet(announcement.incident_id, announcement.update_n)
        asked_for_this = col(Subscriber.only_incident_id) == announcement.incident_id
        return active, sa.or_(asked_for_this, sa.not_(quiet))
    return (active,)
