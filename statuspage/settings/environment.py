"""Which keys does the environment override?

``AVVISO_MAIL__SERVER`` is ``[mail] server``. A name that is no key is a mistake, since a
mistyped one would otherwise be ignored in silence; so is a list, which one text can't
hold. Values are taken as they are: nothing in them is expanded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from statuspage.settings.mistakes import KeyPath, Mistake, nearest
from statuspage.settings.schema import is_list, leaves

PREFIX = "AVVISO_"
NO_CONFIGURATION = frozenset({"AVVISO_CONFIG", "AVVISO_URL", "AVVISO_TOKEN"})
# Kubernetes tells every pod of a Service called "avviso" by such names; nobody typed them.
_SERVICE_LINK = re.compile(r"AVVISO_(SERVICE_HOST|SERVICE_PORT\w*|PORT|PORT_\d+_(TCP|UDP|SCTP)\w*)")


@dataclass(slots=True)
class Overrides:
    """What the environment says: values by path, the variable of each, and its mistakes."""

    values: dict[KeyPath, str] = field(default_factory=dict)
    names: dict[KeyPath, str] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def lay_over(self, document: dict[str, Any]) -> None:
        for path, value in self.values.items():
            table = document
            for step in path[:-1]:
                table = table.setdefault(str(step), {})
                if not isinstance(table, dict):  # the report will say that it is no table
                    break
            else:
                table[str(path[-1])] = value


def overrides(model: type[BaseModel], environ: Mapping[str, str]) -> Overrides:
    known = {variable(path): (path, field) for path, field in leaves(model)}
    found = Overrides()
    for name in sorted(name for name in environ if _is_ours(name)):
        if name not in known:
            hint = nearest(name, known)
            allowed = "AVVISO_ with a table and a key, like AVVISO_MAIL__SERVER"
            found.mistakes.append(Mistake("environment", name, "is no key" + hint, allowed))
        elif is_list(known[name][1]):
            what = "a list can't be given by the environment"
            found.mistakes.append(Mistake("environment", name, what, "a list in the file"))
        else:
            path = known[name][0]
            found.values[path], found.names[path] = environ[name], name
    return found


def variable(path: KeyPath) -> str:
    """``("mail", "server")`` is ``AVVISO_MAIL__SERVER``."""
    return PREFIX + "__".join(str(step).upper() for step in path)


def _is_ours(name: str) -> bool:
    return (
        name.startswith(PREFIX)
        and name not in NO_CONFIGURATION
        and not _SERVICE_LINK.fullmatch(name)
    )
