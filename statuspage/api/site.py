"""What must a program know of the site before it speaks for it?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from statuspage.api.bearer import Caller, allow
from statuspage.dependencies import AtDoor
from statuspage.vocabulary import Scope

router = APIRouter(prefix="/site", tags=["site"])
Reader = Annotated[Caller, Depends(allow(Scope.READ, Scope.INCIDENTS))]


class SiteView(BaseModel):
    name: str
    url: str
    languages: list[str] = Field(description="the first is that of words that name none")
    time_zone: str


@router.get("")
async def read_site(
    caller: Reader,  # noqa: ARG001 -- being one is what is asked
    premises: AtDoor,
) -> SiteView:
    """Its name, and the languages and the time zone of its words."""
    site = premises.settings.site
    return SiteView(
        name=site.name, url=site.url, languages=list(site.languages), time_zone=site.time_zone
    )
