"""How does a fact hold a time? Aware, and in UTC from then on."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

Moment = Annotated[AwareDatetime, AfterValidator(lambda at: at.astimezone(UTC))]
