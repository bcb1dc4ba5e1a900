"""What may the public see, right now?

One frozen value. Pages, feeds, the notice and the v2 API are rendered from a ``Board``
and from nothing else, so what is not in here cannot leak: no host, no address, no
driver's message, and of a component with ``public = false`` nothing but the fact that
"one of our internal systems" is a cause. All times are UTC and aware.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from statuspage.rules.earlier import Earlier
from statuspage.rules.fanouts import Fanout
from statuspage.rules.fared import Fared
from statuspage.rules.given import ActionView, CreditView
from statuspage.rules.how_told import ToldView
from statuspage.rules.lately import Lately
from statuspage.rules.planned import MaintenanceView
from statuspage.rules.response_times import Period
from statuspage.rules.site_view import SiteView
from statuspage.rules.taken_back import TakenBackView
from statuspage.rules.words import PARTS, is_whole
from statuspage.vocabulary import By, Impact, NoticeMode, Phase, Role, Stage, Status

Localized = Mapping[str, str]
"""Language code -> text, as configured; a language may be missing."""


@dataclass(frozen=True, slots=True)
class Words:
    """An operator's three parts, as written, and their translations (same three fields)."""

    language: str
    what_happened: str
    what_we_are_doing: str
    how_we_prevent_it: str | None
    translations: Mapping[str, Mapping[str, str | None]]
    corrected_at: datetime | None = None
    """They stand in place of others since then."""

    def read_in(self, language: str) -> tuple[str, str, str | None, str]:
        """The three parts for a reader, and the language that they are really in: a
        translation in part is passed over, so that nobody reads two languages in one.
        """
        own = {name: getattr(self, name) for name in PARTS}
        told = self.translations.get(language)
        if language == self.language or not told or not is_whole(own, told):
            return self.what_happened, self.what_we_are_doing, self.how_we_prevent_it, self.language
        happened, doing = told.get("what_happened"), told.get("what_we_are_doing")
        return happened or "", doing or "", told.get("how_we_prevent_it"), language


@dataclass(frozen=True, slots=True)
class CauseView:
    """Where an incident began: a public component's name, or None for an internal one."""

    name: str | None


@dataclass(frozen=True, slots=True)
class AffectedView:
    """A public component's share in an incident."""

    id: str
    name: str
    status: Status
    role: Role
    when_down: Localized
    still_works: Localized


@dataclass(frozen=True, slots=True)
class StatusChange:
    """What an update changed for a public component."""

    component_id: str
    name: str
    old: Status
    new: Status


@dataclass(frozen=True, slots=True)
class UpdateView:
    """One line of what was said. ``kind`` names the machine's sentences in the language
    files: noticed, acknowledged, worse, better, recovered, again, resolved; it is
    "words" when a person spoke, be it only to name what is down (``words`` is None then).
    """

    n: int
    at: datetime
    phase: Phase
    by: By
    kind: str
    words: Words | None = None
    changes: tuple[StatusChange, ...] = ()
    mailed: bool = False
    fanout: Fanout | None = None
    """How its letters went round, once they all have."""
    erased: bool = False
    """Its words must not stand, and were removed."""
    corrects_at: datetime | None = None
    """Of a correction: when that was said which it corrects, and which has its words now."""
    was: tuple[Words | None, ...] = ()
    """What it said before it was corrected, oldest first; None: that was removed."""


@dataclass(frozen=True, slots=True)
class PromiseView:
    """When customers hear next, and who promised it. ``instead_of``: by when a person had
    promised a word, and has given none since.
    """

    due_at: datetime
    by: By
    instead_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """How many promises of a next word were kept, by a person's word or the end, and missed."""

    kept: int = 0
    missed: int = 0

    @property
    def all(self) -> int:
        return self.kept + self.missed


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident as everybody may see it; updates are newest first."""

    id: str
    name: str | None
    """The operator's title in ``language``; None: the reader's language names it by what
    customers notice."""
    language: str | None
    automatic: bool
    status: Phase
    impact: Impact
    started_at: datetime
    noticed_at: datetime
    created_at: datetime
    updated_at: datetime
    again_at: datetime | None = None
    """It was over, and began again then."""
    acknowledged_at: datetime | None = None
    monitoring_at: datetime | None = None
    resolved_at: datetime | None = None
    false_alarm: bool = False
    whole_server: bool = False
    causes: tuple[CauseView, ...] = ()
    components: tuple[AffectedView, ...] = ()
    updates: tuple[UpdateView, ...] = ()
    promise: PromiseView | None = None
    promises: Kept = Kept()
    is_unanswered: bool = False
    """The machine's promise has passed on, and nobody has acknowledged yet."""
    actions: tuple[ActionView, ...] = ()
    """Of its postmortem, in the order in which they were said."""
    credit: CreditView | None = None
    postmortem_due_at: datetime | None = None
    """When one is owed; None: none is, or it was said."""
    told: ToldView = field(default_factory=ToldView)
    """How it was told: when the page said so, the first letter, what we learned."""

    @property
    def since(self) -> datetime:
        """Since when what stands now has lasted; what is over, since its first beginning."""
        began_again = self.again_at if self.resolved_at is None else None
        return began_again or self.started_at

    @property
    def seen_by_checks(self) -> bool:
        """Whether our checks found it; else a person did, and they may know better."""
        return self.automatic or bool(self.causes)

    @property
    def latest_words(self) -> Words | None:
        """The newest word of a person, if one has spoken; of what began again after it was
        over, none that was said before.
        """
        for update in self.updates:
            if self.status.is_open and not update.phase.is_open:
                return None
            if update.words:
                return update.words
        return None


@dataclass(frozen=True, slots=True)
class ComponentView:
    """A public component. ``because`` names the causes below it that explain its trouble."""

    id: str
    code: str
    """Its id in the v2 API: 12 characters [a-z0-9]."""
    name: str
    group: str | None
    position: int
    status: Status
    since: datetime | None
    because: tuple[CauseView, ...]
    when_down: Localized
    still_works: Localized
    slo: float | None
    created_at: datetime
    updated_at: datetime
    looked_at: datetime | None
    in_doubt: bool
    """A look has failed, and we are asking again before we believe it."""
    notice: NoticeMode
    gate_shut: bool
    """Visitors get the notice: it, or a tier below it, is in a confirmed major outage,
    or an operator holds it shut."""
    held: bool = False
    """An operator holds its status by hand, whatever the checks say."""
    shut_by: frozenset[str] = frozenset()
    """Open incidents of the tiers below it that shut its gate."""
    maintained_until: datetime | None = None
    """When a maintenance in force is to be over."""
    fared: Fared | None = None
    """How it fared in the last 90 days."""


@dataclass(frozen=True, slots=True)
class Board:
    """All that is public, at one moment."""

    site: SiteView
    revision: int
    composed_at: datetime
    status: Status
    components: tuple[ComponentView, ...]
    open_incidents: tuple[IncidentView, ...]
    past_incidents: tuple[IncidentView, ...]
    """Resolved ones, newest first, 50 at most with the open ones."""
    looked_at: datetime | None
    """When we last got an answer of any kind from any check."""
    interval: timedelta | None
    """How often a calm check is asked: the shortest of all."""
    blind: bool = False
    """Our own connection is cut: nothing here is newer than ``looked_at``."""
    last_outage: IncidentView | None = None
    promises: Kept = Kept()
    """Over the last 90 days."""
    lately: Lately = field(default_factory=Lately)
    """How we told of what happened in them."""
    maintenances: tuple[MaintenanceView, ...] = ()
    """Those not over, the first to begin first; then the newest that are over."""
    earlier: Earlier = field(default_factory=Earlier)
    taken_back: tuple[TakenBackView, ...] = ()
    speeds: Mapping[str, tuple[Period, ...]] = field(default_factory=dict)
    """How fast a component answered, over a day, a week and a quarter, as far as it was read."""

    def component(self, id: str) -> ComponentView | None:
        return next((one for one in self.components if one.id == id), None)

    @property
    def under_way(self) -> tuple[MaintenanceView, ...]:
        return tuple(one for one in self.maintenances if one.stage.is_under_way)

    @property
    def ahead(self) -> tuple[MaintenanceView, ...]:
        return tuple(
            one for one in self.maintenances if one.stage is Stage.SCHEDULED and not one.cancelled
        )

    def incidents_of(self, component: ComponentView) -> tuple[IncidentView, ...]:
        """The open incidents that explain how a component fares: they name it, or shut it."""
        return tuple(
            incident
            for incident in self.open_incidents
            if incident.id in component.shut_by
            or any(affected.id == component.id for affected in incident.components)
        )
