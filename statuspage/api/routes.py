"""Which nouns does the operators' API have, and how is it mounted?"""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from statuspage.answers import Policy
from statuspage.api import (
    approvals,
    audit,
    bounces,
    components,
    credit_codes,
    deliveries,
    document,
    exports,
    imports,
    incidents,
    letters,
    letters_to,
    maintenances,
    postmortems,
    problems,
    recipients,
    review,
    site,
    subscribers,
    titles,
    translations,
    updates,
)
from statuspage.api.envelope import Envelope
from statuspage.premises import Premises

PREFIX = "/api/v1"
_NOUNS = (
    site,
    components,
    incidents,
    updates,
    translations,
    titles,
    review,
    letters,
    approvals,
    deliveries,
    maintenances,
    postmortems,
    credit_codes,
    recipients,
    imports,
    exports,
    subscribers,
    bounces,
    letters_to,
    audit,
)
_ALWAYS = problems.responses(401, 403, 422, 429, 503)
"""Any call may be answered so."""


def router() -> APIRouter:
    """Every call, without the prefix."""
    calls = APIRouter(responses=_ALWAYS)
    for noun in _NOUNS:
        calls.include_router(noun.router)
    return calls


def include(app: FastAPI) -> None:
    """Mount the API under /api/v1, and let what it promises hold for every door: an error is
    a problem, a body is small, an answer carries the security headers.
    ``app.state.premises`` must be there.
    """
    calls = router()
    app.include_router(calls, prefix=PREFIX)
    app.include_router(document.router_of(calls, PREFIX), prefix=PREFIX)
    problems.install(app)
    premises: Premises = app.state.premises
    policy = Policy(site_url=premises.settings.site.url)
    large = {f"{PREFIX}{imports.router.prefix}/import": imports.MOST_BYTES}
    app.add_middleware(Envelope, policy=policy, large=large)
