"""What does avviso.toml say?

``load`` gives one frozen ``Settings`` or raises ``Mistakes`` with all that is wrong. Every
key, its default and its meaning: docs/configuration.md.
"""

from statuspage.settings.components import Check, Component
from statuspage.settings.hours import Hours
from statuspage.settings.load import load, loads
from statuspage.settings.mistakes import Mistake, Mistakes
from statuspage.settings.smallest import smallest
from statuspage.settings.table import Table
from statuspage.settings.whole import Settings

__all__ = [
    "Check",
    "Component",
    "Hours",
    "Mistake",
    "Mistakes",
    "Settings",
    "Table",
    "load",
    "loads",
    "smallest",
]
