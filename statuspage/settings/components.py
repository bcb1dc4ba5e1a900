"""What is a component, and how is it probed?

The file is their source (law 13): an ``id`` that is written differently is another
component. A check's own keys stand in one table with those of its kind; ``assembly``
takes them apart, so that ``probe`` is complete and its kind has judged its keys.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SkipValidation

from checks.duration import Duration
from checks.probe import Probe
from statuspage.settings.addresses import Host
from statuspage.settings.table import Table, each_once, number
from statuspage.settings.texts import CheckId, Id, Line, Localized


class Check(Table):
    """One way to look at a component. ``interval`` and ``timeout`` None: as ``[checks]`` says;
    checks with the same ``server`` are on one machine.
    """

    id: CheckId
    kind: str
    probe: SkipValidation[Probe]
    interval: Duration | None = None
    timeout: Duration | None = None
    server: Line | None = None


class Component(Table):
    id: Id = Field(description="an id that stays, like orders-db")
    name: Line = Field(description="what customers call it")
    group: Line | None = None
    tier: Line | None = None
    public: bool = True
    depends_on: Annotated[tuple[Id, ...], AfterValidator(each_once)] = ()
    hosts: tuple[Host, ...] = ()
    when_down: Localized = Field(default_factory=dict)
    """Language -> what customers notice; a language may be missing."""
    still_works: Localized = Field(default_factory=dict)
    slo: Annotated[float, BeforeValidator(number), Field(gt=0, le=100)] | None = None
    """Percent over 30 days."""
    first_after: Duration | None = None
    checks: tuple[Check, ...] = ()
