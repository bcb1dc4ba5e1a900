"""Which calls are there, for programs and for people?

The OpenAPI document tells only what is under /api/v1; the readable page is made of the
same document, with no script and nothing from another host.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import version

from fastapi import APIRouter, Response
from fastapi.openapi.utils import get_openapi

from statuspage.api import problems, readable
from statuspage.api.deeds import JSON


def router_of(routes: APIRouter, prefix: str) -> APIRouter:
    """The two paths that tell of ``routes``, which are to be mounted at ``prefix``."""
    router = APIRouter(include_in_schema=False)

    @cache
    def document() -> readable.Document:
        return document_of(routes, prefix)

    @router.get("/openapi.json")
    async def openapi() -> Response:
        return Response(json.dumps(document()), media_type=JSON)

    @router.get("/docs")
    async def docs() -> Response:
        headers = {"Content-Security-Policy": readable.CSP}
        return Response(readable.page(document()), media_type="text/html", headers=headers)

    return router


def document_of(routes: APIRouter, prefix: str) -> readable.Document:
    """OpenAPI 3.1 of these routes alone, with the problems that any of them may answer."""
    mounted = APIRouter()
    mounted.include_router(routes, prefix=prefix)
    told = get_openapi(
        title="Avviso",
        version=version("avviso"),
        summary="The operators' API",
        description=(
            "Times are RFC 3339 with an offset. Errors are RFC 9457 problems. A POST that is"
            " repeated within two minutes, or with the same Idempotency-Key, gets the first"
            " answer and does nothing."
        ),
        routes=mounted.routes,
    )
    schema = problems.ProblemView.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = told["components"]["schemas"]
    schemas |= schema.pop("$defs")
    schemas["Problem"] = schema
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return told
