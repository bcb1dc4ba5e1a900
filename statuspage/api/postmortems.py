"""How is said what we learned, and later that what we promised is done?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    StrictBool,
    StringConstraints,
    WithJsonSchema,
)
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import incidents, postmortem_actions, postmortems
from statuspage.actions.postmortem_corrections import some_will_leave
from statuspage.api import problems
from statuspage.api.deeds import JSON, Doing, Door
from statuspage.api.fields import (
    Asked,
    Code,
    Number,
    Prose,
    ThingId,
    calendar_day,
    filled,
    line,
    prose,
)
from statuspage.api.incidents import DryRun, Operator
from statuspage.api.rehearsal import RehearsalView, rehearse
from statuspage.api.review import Reviewed, judged, views
from statuspage.api.told import SpokenView, tell
from statuspage.premises import Premises
from statuspage.rules import postmortem_review, review
from statuspage.rules.postmortems import Action, Credit, CreditKind, Learned
from statuspage.rules.review import Known
from statuspage.rules.words import Word
from statuspage.tables import Incident, Update
from statuspage.vocabulary import Impact, Phase

router = APIRouter(prefix="/incidents/{id}/postmortem", tags=["postmortems"])
NOTHING_FOUND = Reviewed(Word(), (), ())
"""Of a mark: it has no words."""
Told = Annotated[Prose, AfterValidator(filled)]
Item = Annotated[
    str, StringConstraints(max_length=300), AfterValidator(line), AfterValidator(filled)
]
Gift = Annotated[
    str, StringConstraints(max_length=1000), AfterValidator(prose), AfterValidator(filled)
]
"""Short enough that twenty actions and a gift leave room for the words in a letter of 30 kB."""
Day = Annotated[
    date,
    BeforeValidator(calendar_day),
    WithJsonSchema({"type": "string", "format": "date"}),
]


class ActionAsked(Asked):
    """What we change against a repeat, and by which day."""

    text: Item
    due: Day
    translations: Annotated[dict[Code, Item], Field(max_length=50)] = Field(default_factory=dict)

    def action(self) -> Action:
        return Action(self.text, self.due, self.translations)


class CreditAsked(Asked):
    """``applied``: by us, the customer does nothing. ``code``: each customer gets one of those
    that were uploaded. No condition, no end date.
    """

    kind: CreditKind
    text: Gift
    translations: Annotated[dict[Code, Gift], Field(max_length=50)] = Field(default_factory=dict)

    def credit(self) -> Credit:
        return Credit(self.kind, self.text, self.translations)


class LearnedParts(Asked):
    """The three parts in another language."""

    what_happened: Told
    what_we_did: Told
    how_we_prevent_it: Told

    def parts(self) -> dict[str, str | None]:
        return {
            "what_happened": self.what_happened,
            "what_we_are_doing": self.what_we_did,
            "how_we_prevent_it": self.how_we_prevent_it,
        }


class Learning(LearnedParts):
    """A postmortem; said again, it is a correction on the page and mails nobody twice."""

    language: Code | None = Field(default=None, description="of the texts; default the site's")
    translations: dict[Code, LearnedParts] = Field(default_factory=dict, max_length=50)
    actions: list[ActionAsked] = Field(default_factory=list, max_length=20)
    credit: CreditAsked | None = None
    override: StrictBool = Field(
        default=False, description="say it although the review refuses it; the audit remembers"
    )

    def learned(self) -> Learned:
        return Learned(
            what_happened=self.what_happened,
            what_we_did=self.what_we_did,
            how_we_prevent_it=self.how_we_prevent_it,
            language=self.language,
            translations={code: told.parts() for code, told in self.translations.items()},
            actions=[one.action() for one in self.actions],
            credit=self.credit.credit() if self.credit else None,
        )


class LearnedView(SpokenView):
    """The incident after its postmortem was said or corrected."""

    letters_follow: bool = Field(
        description="letters of it are still to leave; false: this stands on the page alone, for"
        " those who were told have their letter"
    )


_Deed = Callable[[AsyncSession], Awaitable[tuple[Incident, Update | None]]]


@router.put(
    "",
    response_model=LearnedView | RehearsalView,
    responses=problems.responses(400, 404, 409, 413, 415),
)
async def put_postmortem(
    id: ThingId, said: Learning, caller: Operator, door: Door, dry_run: DryRun = False
) -> Response:
    """Say what we learned to those who were told of the incident; again: correct it."""
    settings, learned = door.premises.settings, said.learned()
    read = await _reviewed(door.premises, id, learned, override=said.override)
    learned = replace(learned, overridden=read.word.overridden)

    async def say(session: AsyncSession) -> tuple[Incident, Update]:
        return await postmortems.publish(session, settings, id, learned, caller.who, door.now)

    if dry_run:
        return await _rehearsed(door, say, read, "postmortem")

    async def deed(session: AsyncSession) -> tuple[int, BaseModel]:
        incident, update = await say(session)
        follow = await some_will_leave(session, update)
        told = await _spoken(door, session, incident, read)
        return 200, LearnedView(**told, letters_follow=follow)

    return await door.again(caller.token_id, deed)


@router.post(
    "/actions/{n}/done",
    response_model=SpokenView | RehearsalView,
    responses=problems.responses(404, 409, 415),
)
async def mark_done(
    id: ThingId, n: Number, caller: Operator, door: Door, dry_run: DryRun = False
) -> Response:
    """What we promised is done; with the last one, those who were told hear of it."""
    settings = door.premises.settings

    async def mark(session: AsyncSession) -> tuple[Incident, Update | None]:
        return await postmortem_actions.mark_done(session, settings, id, n, caller.who, door.now)

    if dry_run:
        return await _rehearsed(door, mark, NOTHING_FOUND, "actions_done")
    return await _said(door, caller.token_id, mark, NOTHING_FOUND)


@router.delete(
    "/actions/{n}/done", response_model=SpokenView, responses=problems.responses(404, 409)
)
async def mark_not_done(id: ThingId, n: Number, caller: Operator, door: Door) -> Response:
    """Not done after all; a letter that says so and has not left does not leave."""

    async def mark(session: AsyncSession) -> tuple[Incident, None]:
        incident = await postmortem_actions.mark_not_done(session, id, n, caller.who, door.now)
        return incident, None

    return await _said(door, caller.token_id, mark, NOTHING_FOUND)


async def _reviewed(premises: Premises, id: str, learned: Learned, *, override: bool) -> Reviewed:
    """Read it as all that is written to customers is read. Raises ``Unknown``."""
    async with premises.store.read() as session:
        row = await incidents.get(session, id)
        shares = await incidents.shares_of(session, id)
    named = frozenset(share.component_id for share in shares)
    known = Known(Phase.RESOLVED, Impact(row.impact), row.started_at, named)
    findings = await asyncio.to_thread(postmortem_review.read, learned, known, premises.settings)
    return judged(findings, review.refuses(findings, known), override=override)


async def _rehearsed(door: Doing, say: _Deed, read: Reviewed, occasion: str) -> Response:
    async def rehearsed(session: AsyncSession) -> tuple[Update | None, bool]:
        return (await say(session))[1], False

    told = await rehearse(door.premises, rehearsed, read, occasion=occasion)
    return Response(told.model_dump_json(), media_type=JSON)


async def _said(door: Doing, token_id: str, say: _Deed, read: Reviewed) -> Response:
    async def deed(session: AsyncSession) -> tuple[int, BaseModel]:
        incident, _ = await say(session)
        return 200, SpokenView(**await _spoken(door, session, incident, read))

    return await door.again(token_id, deed)


async def _spoken(
    door: Doing, session: AsyncSession, incident: Incident, read: Reviewed
) -> dict[str, Any]:
    read.must_pass()  # last: what is not over, or not there, says so first
    (view,) = await tell(session, door.premises.settings, [incident], door.now)
    return {**view.model_dump(), "findings": views(read.findings)}
