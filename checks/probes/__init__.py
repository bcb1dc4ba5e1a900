"""Which kinds of checks are there?

Those that lie in this folder, one file a kind, and those of other packages that announce
a ``Probe`` under the entry point group ``avviso.probes``. No list names them.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module, metadata

from checks.probe import Probe

GROUP = "avviso.probes"


@cache
def kinds() -> dict[str, type[Probe]]:
    """Every kind by its name; our own stand when another package uses the same name."""
    found: dict[str, type[Probe]] = {}
    for probe in (*_lying_here(), *_announced()):
        found.setdefault(probe.kind, probe)
    return found


def _lying_here() -> Iterator[type[Probe]]:
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda entry: entry.name):
        members = vars(import_module(f"{__name__}.{module.name}"))
        yield from (member for member in members.values() if _is_kind(member))


def _announced() -> Iterator[type[Probe]]:
    for entry in metadata.entry_points(group=GROUP):
        member = entry.load()
        if not _is_kind(member):
            raise TypeError(
                f"entry point {entry.name} of {GROUP} is no kind of probe: {entry.value}"
            )
        yield member


def _is_kind(member: object) -> bool:
    return (
        inspect.isclass(member)
        and issubclass(member, Probe)
        and not inspect.isabstract(member)
        and "kind" in vars(member)
    )
