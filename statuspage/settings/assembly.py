"""Which kind judges which keys of a check, and what is a check called that has no name?

A check's table holds the keys that all checks have and those of its kind. Here they are
taken apart, so that every mistake keeps the path at which it was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, count
from typing import Any

from pydantic import ValidationError

from checks.probe import Probe
from checks.probes import kinds
from statuspage.settings.components import Check
from statuspage.settings.mistakes import Finding, KeyPath, nearest
from statuspage.settings.report import findings

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
        _whole(check, id, (*path, "checks", at), hidden, refused)
        for at, (check, id) in enumerate(zip(checks, ids, strict=True))
    ]
    return {**component, "checks": whole}


def _ids(component_id: str, checks: list[Any]) -> Iterator[str]:
    """``shop/http``, and ``shop/http-2`` for the second; names given by hand come first."""
    tables = [check if isinstance(check, dict) else {} for check in checks]
    taken = {str(check["id"]) for check in tables if "id" in check}
    for check in tables:
        wanted = f"{component_id}/{check.get('kind')}"
        spares = chain([wanted], (f"{wanted}-{n}" for n in count(2)))
        spare = next(spare for spare in spares if spare not in taken)
        yield spare
        if "id" not in check:
            taken.add(spare)


def _whole(
    check: Any, id: str, path: KeyPath, hidden: frozenset[KeyPath], refused: list[Finding]
) -> Any:
    if not isinstance(check, dict):
        return check
    shared = {key: value for key, value in check.items() if key in CHECK_KEYS}
    own = {key: value for key, value in check.items() if key not in CHECK_KEYS}
    kind = _kind(check, path, refused)
    probe = _probe(kind, own, path, hidden, refused) if kind else None
    return {"id": id, "kind": "", **shared, "probe": probe}


def _kind(check: Mapping[str, Any], path: KeyPath, refused: list[Finding]) -> type[Probe] | None:
    known = kinds()
    name = check.get("kind")
    if isinstance(name, str) and name in known:
        return known[name]
    what = "is missing" if name is None else f'"{name}" is no kind of check'
    hint = nearest(name, known) if isinstance(name, str) else ""
    refused.append(Finding((*path, "kind"), what + hint, ", ".join(sorted(known))))
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
        for finding in findings(error, kind, own, hidden=below, also=CHECK_KEYS):
            refused.append(Finding((*path, *finding.path), finding.what, finding.allowed))
    return None
