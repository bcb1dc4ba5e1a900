"""Which nouns does the operators' API have, and how is it mounted?"""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from statuspage.answers import Policy
from statuspage.api import (
    audit,
    components,
    deliveries,
    document,
    incidents,
    letters,
    problems,
    subscribers,
    updates,
)
from statuspage.api.envelope import Envelope

PREFIX = "/api/v1"
_NOUNS = (components, incidents, updates, letters, deliveries, subscribers, audit)
_ALWAYS = problems.responses(401, 403, 422, 429, 503)
"""Any call may be answered so."""


def router() -> APIRouter:
    """Every call, without the prefix."""
    calls = APIRouter(responses=_ALWAYS)
    for noun in _NOUNS:
        calls.include_router(noun.router)
    return calls


def include(app: FastAPI) -> None:
    """Mount the API under /api/v1; ``app.state.premises`` must be there when it is asked."""
    calls = router()
    app.include_router(calls, prefix=PREFIX)
    app.include_router(document.router_of(calls, PREFIX), prefix=PREFIX)


def install(app: FastAPI, policy: Policy) -> None:
    """What holds for all doors: every error is a problem, bodies are small, headers are set."""
    problems.install(app)
    app.add_middleware(Envelope, policy=policy)
