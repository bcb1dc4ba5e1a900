"""Which kind judges which keys of a check, and what is a check called that has no name?

A check's table holds the keys that all checks have and those of its kind. Here they are
taken apart, so that every mistake keeps the path at which it was written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain, count
from typing import Any

from pydantic import ValidationError

from checks.probe import Probe
from checks.probes import kinds
from statuspage.settings.components import Check
from statuspage.settings.mistakes import Finding, KeyPath, nearest
from statuspage.settings.report import findings

_UNFIT = re.compile(r"[^a-z0-9/_-]")
CHECK_KEYS = tuple(name for name in Check.model_fields if name != "probe")


def assemble(
    document: dict[str, Any], hidden: frozenset[KeyPath]
) -> tuple[dict[str, Any], list[Finding]]:
    """The document with a probe and an id in every check, and what the kinds refused."""
    refused: list[Finding] = []
    whole = dict(document)
    if isinstance(components := document.get("components"), list):
        whole["components"] = [
            _with_checks(component, ("components", at), hidden, refused)
            for at, component in enumerate(components)
        ]
    return whole, refused


def _with_checks(
    component: Any, path: KeyPath, hidden: frozenset[KeyPath], refused: list[Finding]
) -> Any:
    checks = component.get("checks") if isinstance(component, dict) else None
    if not isinstance(checks, list):
        return component
    ids = _ids(str(component.get("id", "")), checks)
    whole = [
        _whole(check, check_id, (*path, "checks", at), hidden, refused)
        for at, (check, check_id) in enumerate(zip(checks, ids, strict=True))
    ]
    return {**component, "checks": whole}


def _ids(component_id: str, checks: list[Any]) -> Iterator[str]:
    """``shop/http``, and ``shop/http-2`` for the second; names given by hand come first."""
    tables = [check if isinstance(check, dict) else {} for check in checks]
    taken = {str(check["id"]) for check in tables if "id" in check}
    for check in tables:
        # a component or kind that is mistaken is told once, not again for its checks' ids
        wanted = _UNFIT.sub("-", f"{component_id}/{check.get('kind')}")[:100]
        spares = chain([wanted], (f"{wanted}-{n}" for n in count(2)))
        spare = next(spare for spare in spares if spare not in taken)
        yield spare
        if "id" not in check:
            taken.add(spare)


def _whole(
    check: Any, check_id: str, path: KeyPath, hidden: frozenset[KeyPath], refused: list[Finding]
) -> Any:
    if not isinstance(check, dict):
        return check
    shared = {key: value for key, value in check.items() if key in CHECK_KEYS}
    own = {key: value for key, value in check.items() if key not in CHECK_KEYS}
    kind = _kind(check.get("kind"), path, hidden, refused)
    probe = _probe(kind, own, path, hidden, refused) if kind else None
    return {"id": check_id, "kind": "", **shared, "probe": probe}


def _kind(
    name: Any, path: KeyPath, hidden: frozenset[KeyPath], refused: list[Finding]
) -> type[Probe] | None:
    known = kinds()
    if isinstance(name, str) and name in known:
        return known[name]
    path = (*path, "kind")
    if isinstance(name, str):
        shown = "the value" if path in hidden else json.dumps(name, ensure_ascii=False)
        what = f"{shown} is no kind of check" + nearest(name, known)
    else:
        what = "is missing" if name is None else "is no kind of check"
    refused.append(Finding(path, what, ", ".join(sorted(known))))
    return None


def _probe(
    kind: type[Probe],
    own: dict[str, Any],
    path: KeyPath,
    hidden: frozenset[KeyPath],
    refused: list[Finding],
) -> Probe | None:
    below = frozenset(one[len(path) :] for one in hidden if one[: len(path)] == path)
    try:
        return kind.model_validate(own)
    except ValidationError as error:
        refused.extend(
            Finding((*path, *finding.path), finding.what, finding.allowed)
            for finding in findings(error, kind, own, hidden=below, also=CHECK_KEYS)
        )
    return None
