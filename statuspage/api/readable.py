"""How does a person read which calls there are?

One page, made of the OpenAPI document: the calls, then what stands in each body and
answer. No script, nothing from another host; what it has of style stands in it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

Document = Mapping[str, Any]

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
section { border-top: 1px solid #8886; padding: .5rem 0; }
h2 { margin: 2.5rem 0 .5rem; } h3 { margin: .75rem 0 .25rem; font-size: 1rem; }
code { font: .875rem ui-monospace, monospace; overflow-wrap: anywhere; }
p, ul { margin: .25rem 0; } .quiet { opacity: .75; }
"""
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CSP = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'none'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


def page(told: Document) -> str:
    """The whole page."""
    info = told["info"]
    calls = "".join(
        _call(method, path, call)
        for path, methods in told["paths"].items()
        for method, call in methods.items()
    )
    shapes = "".join(_shape(name, one) for name, one in told["components"]["schemas"].items())
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{info['title']} API</title><style>{_STYLE}</style>"
        f"<h1>{info['title']} API {info['version']}</h1><p>{escape(info['description'])}</p>"
        "<p>Send <code>Authorization: Bearer TOKEN</code>; <code>avviso token create</code>"
        ' makes one. For programs: <a href="openapi.json">openapi.json</a>.</p>'
        f"<h2>Calls</h2>{calls}<h2>Shapes</h2>{shapes}</html>"
    )


def _call(method: str, path: str, call: Document) -> str:
    lines = "".join(f"<p>{line}</p>" for line in _lines(call))
    return (
        f"<section><h3><code>{method.upper()} {escape(path)}</code></h3>"
        f"<p>{escape(call.get('description', ''))}</p>{lines}</section>"
    )


def _lines(call: Document) -> Iterator[str]:
    for parameter in call.get("parameters", ()):
        says = parameter.get("description") or parameter["schema"].get("description", "")
        where = parameter["in"] + (", needed" if parameter.get("required") else "")
        yield f"<code>{escape(parameter['name'])}</code> ({where}) {_quiet(says)}"
    for media in call.get("requestBody", {}).get("content", {}).values():
        yield f"Body: {_type(media['schema'])}"
    answers = (
        f"{status} {_type(media['schema'])}"
        for status, answer in sorted(call["responses"].items())
        if status < "400"
        for media in answer.get("content", {"": {"schema": {}}}).values()
    )
    refusals = ", ".join(status for status in sorted(call["responses"]) if status >= "400")
    yield f"Answers {', '.join(answers)}; or a problem: {refusals}"


def _shape(name: str, shape: Document) -> str:
    needed = shape.get("required", ())
    fields = "".join(
        f"<li><code>{escape(field)}</code>{', needed' if field in needed else ''}: "
        f"{_type(one)} {_quiet(one.get('description', ''))}</li>"
        for field, one in shape.get("properties", {}).items()
    )
    values = escape(", ".join(map(str, shape.get("enum", ()))))
    return (
        f'<section id="{escape(name)}"><h3>{escape(name)}</h3>'
        f"<p>{escape(shape.get('description', ''))} {values}</p><ul>{fields}</ul></section>"
    )


def _type(schema: Document) -> str:
    """A type as one would say it; what has a shape of its own is linked."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if "enum" in schema or "const" in schema:
        return escape(", ".join(map(str, schema.get("enum", [schema.get("const")]))))
    kind = schema.get("format") or schema.get("type", "")
    return escape(kind if isinstance(kind, str) else " or ".join(kind))


def _quiet(text: str) -> str:
    return f'<span class="quiet">{escape(text)}</span>' if text else ""
