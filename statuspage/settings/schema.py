"""Which keys are there, and what may stand at a path?

Read off the models, so that neither the environment, nor the report, nor the tests of the
documentation keep a second list.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from statuspage.settings.mistakes import KeyPath


def fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """A table's keys as they are written in the file."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def leaves(model: type[BaseModel], above: KeyPath = ()) -> Iterator[tuple[KeyPath, FieldInfo]]:
    """Every key that holds a value, through tables; a list of tables is one value."""
    for name, field in fields(model).items():
        table = field.annotation
        if isinstance(table, type) and issubclass(table, BaseModel):
            yield from leaves(table, (*above, name))
        else:
            yield (*above, name), field


def is_list(field: FieldInfo) -> bool:
    return get_origin(field.annotation) in (tuple, list)


def known_at(model: Any, path: KeyPath) -> dict[str, FieldInfo]:
    """The keys of the table at a path; none when there is no table."""
    for step in path:
        model = _inside(model, step)
    return fields(model) if _is_model(model) else {}


def is_secret(model: Any, path: KeyPath) -> bool:
    """Does a field on the way hide itself from its table's repr, or hold a ``SecretStr``?"""
    for step in path:
        field = fields(model).get(str(step)) if _is_model(model) else None
        model = _inside(model, step)
        if _holds_secret(model) or (field and not field.repr):
            return True
    return False


def _holds_secret(annotation: Any) -> bool:
    return annotation is SecretStr or any(_holds_secret(part) for part in get_args(annotation))


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _inside(annotation: Any, step: str | int) -> Any:
    if _is_model(annotation):
        field = fields(annotation).get(str(step))
        return field.annotation if field else None
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        found = (_inside(part, step) for part in parts)
        return next((one for one in found if one is not None), None)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return parts[1]
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return parts[0]
    return _inside(parts[0], step) if hasattr(annotation, "__metadata__") else None
