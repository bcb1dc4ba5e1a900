"""Where does a path in the file lead?

It starts where the file lies, wherever the program was started.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ValidationInfo


def in_folder(path: Path, info: ValidationInfo) -> Path:
    folder: Path = (info.context or {}).get("folder", Path())
    return (folder / path.expanduser()).absolute()


def _path_or_none(path: Path | None, info: ValidationInfo) -> Path | None:
    return None if path is None else in_folder(path, info)


PathOrNone = Annotated[
    Path | None,
    BeforeValidator(lambda path: None if path == "" else path),
    AfterValidator(_path_or_none),
]
