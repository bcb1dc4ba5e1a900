"""Which ways out are there?

Each module in this folder is one kind of channel, known by the file's name: it names its
class as ``CHANNEL``. Nobody else lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from notifications.channel import Channel
from notifications.hook import Hook


@cache
def kinds() -> Mapping[str, type[Channel]]:
    """Name of the kind (``email``, ``webhook``) -> its class."""
    names = sorted(module.name for module in iter_modules(__path__))
    return MappingProxyType({name: import_module(f"{__name__}.{name}").CHANNEL for name in names})


def hooks() -> Mapping[str, type[Hook]]:
    """The kinds whose addresses are hooks that customers give us."""
    return {name: kind for name, kind in kinds().items() if issubclass(kind, Hook)}


def kind_for(url: str) -> str | None:
    """The kind that serves an address such as ``mailto:…`` or ``https://…``; None: no kind does."""
    scheme = url.partition(":")[0].lower()
    return next((name for name, kind in kinds().items() if scheme in kind.schemes), None)
