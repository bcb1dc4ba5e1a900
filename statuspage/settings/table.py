"""What holds for every table of the file, whatever is in it?"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from statuspage.settings.mistakes import Wrong


class Table(BaseModel):
    """Frozen; a key that it does not know is a mistake, not a wish."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def number(value: Any) -> Any:
    """TOML has booleans of its own, so ``true`` is no number."""
    if isinstance(value, bool):
        raise Wrong("{value} is not a number", "a number")
    return value


def each_once(items: tuple[str, ...]) -> tuple[str, ...]:
    for at, item in enumerate(items):
        if item in items[:at]:
            raise Wrong(f'has "{item}" twice', "each once")
    return items


Count = Annotated[int, BeforeValidator(number), Field(ge=1)]
"""A whole number, 1 or more."""
