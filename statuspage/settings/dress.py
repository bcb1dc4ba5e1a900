"""How does the page wear the company's own dress?

A logo, a colour for what can be clicked, links to the company's own pages. What could not be
read, or would ask for something elsewhere, is a mistake when the file is loaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator, ValidationInfo

from statuspage.settings.addresses import WebUrl
from statuspage.settings.colours import by_day, by_night
from statuspage.settings.logo import Logo, logo
from statuspage.settings.mistakes import Wrong
from statuspage.settings.paths import in_folder
from statuspage.settings.table import Table
from statuspage.settings.texts import LocalizedLine


def _from_file(path: Any, info: ValidationInfo) -> Logo | None:
    if path is None or path == "":
        return None
    if not isinstance(path, str):
        raise Wrong("{value} is not text", "text in quotes")
    return logo(in_folder(Path(path), info))


LogoFile = Annotated[Logo | None, PlainValidator(_from_file)]
Accent = Annotated[str, AfterValidator(by_day)]
AccentByNight = Annotated[str, AfterValidator(by_night)]


class Link(Table):
    text: LocalizedLine = Field(min_length=1, description="what it is called")
    url: WebUrl = Field(description="where it leads")
    header: bool = False
    """Beside the name at the top, and not among the links at the foot."""
