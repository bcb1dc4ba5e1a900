"""Do the components fit together?

Asked of the document, not of the models, so that one component's mistake hides no other's.
Values of the wrong type are passed over: the models report them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from statuspage.settings.mistakes import Finding, KeyPath, nearest


@dataclass(frozen=True, slots=True)
class Outline:
    """As much of a component as concerns the others."""

    path: KeyPath
    id: str
    depends_on: tuple[str, ...]
    hosts: tuple[str, ...]
    check_ids: tuple[str, ...]


def incoherent(document: Mapping[str, Any]) -> Iterator[Finding]:
    outlines = tuple(_outlines(document.get("components")))
    yield from _doubled_ids(outlines)
    yield from _unknown_dependencies(outlines)
    yield from _circles(outlines)
    yield from _doubled_hosts(outlines)
    yield from _doubled_checks(outlines)


def _outlines(components: Any) -> Iterator[Outline]:
    for at, table in enumerate(components if isinstance(components, list) else []):
        if isinstance(table, dict):
            checks = table.get("checks")
            tables = checks if isinstance(checks, list) else []
            yield Outline(
                ("components", at),
                _text(table.get("id")),
                tuple(_text(below) for below in _items(table.get("depends_on"))),
                tuple(_text(host).lower() for host in _items(table.get("hosts"))),
                tuple(_text(one.get("id")) if isinstance(one, dict) else "" for one in tables),
            )


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _doubled_ids(outlines: tuple[Outline, ...]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for at, outline in enumerate(outlines):
        if outline.id and first.setdefault(outline.id, at) != at:
            what = f'"{outline.id}" is already the id of components[{first[outline.id]}]'
            yield Finding((*outline.path, "id"), what, "an id of its own")


def _unknown_dependencies(outlines: tuple[Outline, ...]) -> Iterator[Finding]:
    known = [outline.id for outline in outlines if outline.id]
    for outline in outlines:
        for at, below in enumerate(outline.depends_on):
            if below and below not in known:
                what = f'"{below}" is no component' + nearest(below, known)
                yield Finding((*outline.path, "depends_on", at), what, ", ".join(known))


def _circles(outlines: tuple[Outline, ...]) -> Iterator[Finding]:
    """Each circle once, told at its member that comes first in the file."""
    by_id = {outline.id: outline for outline in reversed(outlines)}
    told: set[frozenset[str]] = set()
    for outline in outlines:
        circle = _way_back(outline.id, by_id)
        if circle and frozenset(circle) not in told:
            told.add(frozenset(circle))
            what = "goes round in a circle: " + " -> ".join((*circle, circle[0]))
            yield Finding((*outline.path, "depends_on"), what, "only components below this one")


def _way_back(start: str, by_id: Mapping[str, Outline]) -> tuple[str, ...]:
    """The shortest way from a component down to itself; nothing when there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    for way in ways:  # grows while it is walked: breadth first
        for below in by_id[way[-1]].depends_on if way[-1] in by_id else ():
            if below == start:
                return way
            if below not in seen:
                seen.add(below)
                ways.append((*way, below))
    return ()


def _doubled_hosts(outlines: tuple[Outline, ...]) -> Iterator[Finding]:
    first: dict[str, KeyPath] = {}
    for outline in outlines:
        for at, host in enumerate(outline.hosts):
            path = (*outline.path, "hosts", at)
            if host and first.setdefault(host, path) != path:
                what = f'"{host}" is already a host of components[{first[host][1]}]'
                yield Finding(path, what, "each host at one component")


def _doubled_checks(outlines: tuple[Outline, ...]) -> Iterator[Finding]:
    """A component whose own id is doubled doubles its checks' too: that is told already."""
    checks: set[str] = set()
    components: set[str] = set()
    for outline in outlines:
        for at, name in enumerate(outline.check_ids if outline.id not in components else ()):
            if name and name in checks:
                path = (*outline.path, "checks", at, "id")
                yield Finding(path, f'"{name}" is already the id of a check', "an id of its own")
            checks.add(name)
        components.add(outline.id)
