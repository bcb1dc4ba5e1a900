"""What does a second look at a draft find, before it is sent?

A review takes milliseconds, once the dictionaries are loaded (at the start of the program):
it runs in a thread, with no transaction open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.findings.finding import Finding, Severity
from notifications.language import available
from statuspage.actions import incidents, translations, updates
from statuspage.actions.standings import standings
from statuspage.api import problems
from statuspage.api.bearer import Caller, allow
from statuspage.api.words import Sketch
from statuspage.dependencies import AtDoor, Now
from statuspage.errors import Invalid
from statuspage.premises import Premises
from statuspage.rules import review, severity, words
from statuspage.rules.corrections import whole, wordings
from statuspage.rules.review import Known
from statuspage.rules.words import Word
from statuspage.tables import Incident
from statuspage.vocabulary import Impact, Phase, Scope, Status

router = APIRouter(prefix="/letters/review", tags=["letters"])
Reader = Annotated[Caller, Depends(allow(Scope.READ, Scope.INCIDENTS))]

ANYWAY = (
    'Change that, or say it as it stands with "override": true (--override);'
    " the audit remembers it. Nothing was said."
)


class FindingView(BaseModel):
    rule: str
    severity: Severity
    where: str = Field(description="a field's name, then :start-end where a place in it is meant")
    text: str
    suggestion: str | None
    reason: str


class ReviewView(BaseModel):
    findings: list[FindingView]


class Refused(Invalid):
    title = "Customers should not read this as it stands"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A word with what was found in it. ``refused`` are the findings that forbid it."""

    word: Word
    findings: tuple[Finding, ...]
    refused: tuple[Finding, ...]

    def must_pass(self) -> None:
        """Raises ``Refused``, unless the person says it all the same."""
        if self.refused and not self.word.overridden:
            raise Refused(ANYWAY, faults=review.faults(self.refused))


@router.post("", responses=problems.responses(400, 404, 413, 415))
async def review_letter(
    said: Sketch,
    caller: Reader,  # noqa: ARG001 -- being one is what is asked
    premises: AtDoor,
    now: Now,
) -> ReviewView:
    """What an attentive colleague would mark; nothing is said, and nothing is kept."""
    word = said.word(now)
    if faults := list(words.faults_of_languages(word, premises.settings.site.languages)):
        raise Invalid("Some fields are not right.", faults=faults)
    async with premises.store.read() as session:
        row = await incidents.get(session, said.incident) if said.incident else None
        known = await _known(session, premises, word, row)
    return ReviewView(findings=views(await _read(word, known, premises, promised=False)))


async def reviewed(
    premises: Premises, word: Word, incident_id: str | None, *, override: bool
) -> Reviewed:
    """Read a word that is about to be said: it promises a next word by itself."""
    async with premises.store.read() as session:
        row = await _spoken_of(session, word, incident_id)
        known = await _known(session, premises, word, row)
        read, known = await _as_it_will_stand(session, word, known, row)
    findings = await _read(read, known, premises, promised=True)
    refused = review.refuses(findings, known)
    if override:
        word = replace(word, overridden=tuple(dict.fromkeys(one.rule for one in refused)))
    return Reviewed(word, findings, refused)


async def reviewed_translation(
    premises: Premises,
    incident_id: str,
    n: int,
    language: str,
    parts: Mapping[str, str | None],
    *,
    override: bool,
) -> Reviewed:
    """Read a translation as it is read beside its word, in the time of the word. Raises
    ``Unknown``.
    """
    async with premises.store.read() as session:
        row = await incidents.get(session, incident_id)
        said = await translations.standing(session, incident_id, n)
        shares = await incidents.shares_of(session, incident_id)
    if language not in available():
        return Reviewed(Word(), (), ())  # a fault of its own, which is told by another
    own = {name: getattr(said[-1], name) for name in words.PARTS}
    word = Word(language=said[-1].language, translations={language: parts}, **own)
    named = frozenset(share.component_id for share in shares)
    said_as = Phase(said[0].status)
    status = said_as if said_as.is_open else Phase.RESOLVED
    known = Known(status, Impact(row.impact), row.started_at, named)
    findings = await asyncio.to_thread(
        review.read_translation, word, language, known, premises.settings
    )
    return judged(findings, review.refuses(findings, known), override=override)


def judged(
    findings: tuple[Finding, ...], refused: tuple[Finding, ...], *, override: bool
) -> Reviewed:
    """Of what is said in another form than a ``Word``."""
    rules = tuple(dict.fromkeys(one.rule for one in refused)) if override else ()
    return Reviewed(Word(overridden=rules), findings, refused)


def views(findings: Iterable[Finding]) -> list[FindingView]:
    return [
        FindingView(
            rule=one.rule,
            severity=one.severity,
            where=one.where,
            text=one.text,
            suggestion=one.suggestion,
            reason=one.reason,
        )
        for one in findings
    ]


async def _read(
    word: Word, known: Known, premises: Premises, *, promised: bool
) -> tuple[Finding, ...]:
    return await asyncio.to_thread(review.read, word, known, premises.settings, promised=promised)


async def _spoken_of(session: AsyncSession, word: Word, incident_id: str | None) -> Incident | None:
    if incident_id is not None:
        return await session.get(Incident, incident_id)
    return None if word.separate else await updates.automatic_of(session, word)


async def _known(
    session: AsyncSession, premises: Premises, word: Word, row: Incident | None
) -> Known:
    """The record as it will be with this word."""
    named = frozenset(word.components)
    if row is None:
        impact = word.impact or await _impact_of(session, premises, word)
        return Known(word.status or Phase.INVESTIGATING, impact, word.started_at, named)
    shares = await incidents.shares_of(session, row.id)
    return Known(
        status=word.status or Phase(row.status),
        impact=word.impact or Impact(row.impact),
        started_at=word.started_at or row.started_at,
        components=named | {share.component_id for share in shares},
    )


async def _as_it_will_stand(
    session: AsyncSession, word: Word, known: Known, row: Incident | None
) -> tuple[Word, Known]:
    """A correction is read with the parts that it leaves as they were, and as of the time when
    the word was said: it need not know more than that.
    """
    if word.corrects is None or row is None:
        return word, known
    said = wordings(await incidents.updates_of(session, row.id), word.corrects)
    if not said:
        return word, known  # whoever says it will be told that there is no such word
    return whole(word, said[-1]), replace(known, status=Phase(said[0].status))


async def _impact_of(session: AsyncSession, premises: Premises, word: Word) -> Impact:
    by_checks = (await standings(session, premises.settings)).statuses
    return severity.impact_of(
        words.implied_status(said, None, by_checks.get(id, Status.OPERATIONAL))
        for id, said in word.components.items()
    )
