"""Which calls are there, for programs and for people?

The OpenAPI document tells only what is under /api/v1; the readable page is made of the
same document, with no script and nothing from another host.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Response
from fastapi.openapi.utils import get_openapi

from statuspage.api import problems
from statuspage.api.deeds import JSON

Document = Mapping[str, Any]

_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
section { border-top: 1px solid #8886; padding: .5rem 0; }
h2, h3 { margin: .75rem 0 .25rem; } h3 { font-size: 1rem; }
code, pre { font: .875rem ui-monospace, monospace; }
pre { overflow-x: auto; padding: .75rem; background: #8881; border-radius: .375rem; }
p { margin: .25rem 0; } .quiet { opacity: .75; }
"""


def router_of(routes: APIRouter, prefix: str) -> APIRouter:
    """The two paths that tell of ``routes``, which are to be mounted at ``prefix``."""
    router = APIRouter(include_in_schema=False)

    @cache
    def document() -> Document:
        return document_of(routes, prefix)

    @router.get("/openapi.json")
    async def openapi() -> Response:
        return Response(json.dumps(document()), media_type=JSON)

    @router.get("/docs")
    async def docs() -> Response:
        headers = {"Content-Security-Policy": _CSP}
        return Response(_page(document()), media_type="text/html", headers=headers)

    return router


def document_of(routes: APIRouter, prefix: str) -> Document:
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


def _page(told: Document) -> str:
    calls = "".join(
        _call(method, path, call)
        for path, methods in told["paths"].items()
        for method, call in methods.items()
    )
    info = told["info"]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{info['title']} API</title><style>{_STYLE}</style>"
        f"<h1>{info['title']} API {info['version']}</h1><p>{escape(info['description'])}</p>"
        "<p>Send <code>Authorization: Bearer TOKEN</code>; <code>avviso token create</code>"
        ' makes one. The whole document: <a href="openapi.json">openapi.json</a>.</p>'
        f"{calls}</html>"
    )


def _call(method: str, path: str, call: Mapping[str, Any]) -> str:
    lines = "".join(f"<p>{line}</p>" for line in _details(call))
    return (
        f"<section><h2><code>{method.upper()} {escape(path)}</code></h2>"
        f"<p>{escape(call.get('description', ''))}</p>{lines}</section>"
    )


def _details(call: Mapping[str, Any]) -> Iterator[str]:
    for parameter in call.get("parameters", ()):
        says = parameter.get("description") or parameter["schema"].get("description", "")
        needed = "needed" if parameter.get("required") else "may be left out"
        yield (
            f"<code>{escape(parameter['name'])}</code> in the {parameter['in']}, {needed}. "
            f'<span class="quiet">{escape(says)}</span>'
        )
    if "requestBody" in call:
        schema = call["requestBody"]["content"][JSON]["schema"]
        yield f"Body: <code>{escape(_named(schema))}</code>"
    answers = ", ".join(sorted(call["responses"]))
    yield f'<span class="quiet">Answers {answers}</span>'


def _named(schema: Mapping[str, Any]) -> str:
    found = schema.get("$ref") or next(
        (one["$ref"] for one in schema.get("anyOf", ()) if "$ref" in one), ""
    )
    return str(found).rpartition("/")[2] or "JSON"
