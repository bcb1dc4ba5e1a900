"""What do people do in a night in the office?"""

from __future__ import annotations

from statuspage.actions import components, letters, updates
from statuspage.actions.undo import withdraw_update
from statuspage.rules.words import Word
from statuspage.settings import Settings
from statuspage.tables import Incident, Update
from tests.statuspage.jobs.night import Night


async def says(night: Night, **said: object) -> Update:
    """A person's word on the one incident."""
    incident = await night.the_incident()
    async with night.store.write() as session:
        stand = await night.standings()
        _, update = await updates.add_update(
            session,
            night.settings,
            incident.id,
            Word(**said),  # type: ignore[arg-type]
            stand,
            "ada",
            night.now,
        )
    night.later(seconds=1)
    return update


async def opens(night: Night, **said: object) -> Incident:
    async with night.store.write() as session:
        stand = await night.standings()
        incident, _, _ = await updates.open_incident(
            session,
            night.settings,
            Word(**said),  # type: ignore[arg-type]
            stand,
            "ada",
            night.now,
        )
    night.later(seconds=1)
    return incident


async def takes_back(night: Night, update: Update) -> None:
    async with night.store.write() as session:
        await withdraw_update(
            session, night.settings, update.incident_id, update.n, "wrong", "ada", night.now
        )


async def releases(night: Night) -> None:
    incident = await night.the_incident()
    async with night.store.write() as session:
        await letters.release_letters(session, night.settings, incident.id, "ada", night.now)


async def reads_another_file(night: Night, without: str) -> None:
    """The program starts again, and a component has left the configuration."""
    stay = tuple(one for one in night.settings.components if one.id != without)
    _use(night, night.settings.model_copy(update={"components": stay}))
    async with night.store.write() as session:
        await components.mirror(session, night.settings, night.now)


def _use(night: Night, settings: Settings) -> None:
    object.__setattr__(night.premises, "settings", settings)
    night.settings = settings
