"""How do the doors become one application?

``Visitors`` stands outermost and answers every public page from memory; behind it
FastAPI has the forms, the operators' API, readiness and metrics. Building it opens
nothing and starts nothing: whoever serves it does.
"""

from __future__ import annotations

import ipaddress

from fastapi import FastAPI, Request, Response

from statuspage import api, pages, public
from statuspage.answers import Policy
from statuspage.dependencies import AtDoor, premises
from statuspage.metrics import CONTENT_TYPE
from statuspage.premises import Premises
from statuspage.rules import composing
from statuspage.visitors import Visitors


def build(all_premises: Premises) -> Visitors:
    """The whole application of one process."""
    site = composing.site(all_premises.settings)
    # a redirect to the path with or without a slash would name the host that the client named,
    # by http, and a personal link would go there
    app = FastAPI(
        title="Avviso",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.premises = all_premises
    app.add_api_route("/readyz", ready, include_in_schema=False)
    app.add_api_route("/metrics", metrics, include_in_schema=False)
    public.include(app)
    api.include(app)
    return Visitors(
        all_premises.memory,
        app,
        clock=all_premises.clock,
        policy=Policy(site_url=site.url, page_csp=pages.policy(site.dress)),
        metrics=all_premises.metrics,
        archive=all_premises.archive,
    )


async def ready(at: AtDoor) -> Response:
    """Can this process take writes? Pages are served either way."""
    if at.store.is_migrated and await at.store.answers():
        return Response('{"status": "ready"}', media_type="application/json")
    return Response(
        '{"status": "waiting for the database"}',
        status_code=503,
        media_type="application/json",
        headers={"Retry-After": "5"},
    )


async def metrics(request: Request) -> Response:
    """Prometheus text, to loopback or a token with scope ``read``."""
    if not _is_loopback(request):
        await api.require_read(request)
    return Response(premises(request).metrics.exposition(), media_type=CONTENT_TYPE)


def _is_loopback(request: Request) -> bool:
    """The peer itself, and nobody behind a proxy on this machine."""
    if request.client is None or "x-forwarded-for" in request.headers:
        return False
    return ipaddress.ip_address(request.client.host).is_loopback
