"""What is a name, an id, a language or a time zone in the configuration?

Names end in mail headers, feeds and pages, so none of them may hold a line break or
another control character.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from notifications import language
from statuspage.settings.mistakes import Wrong, nearest

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ID = re.compile(r"[a-z0-9-]{1,64}")
_CHECK_ID = re.compile(r"[a-z0-9/_-]{1,128}")


def one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise Wrong("{value} has a line break or control character", "text on one line")
    return text.strip()


def filled(text: str) -> str:
    if not text.strip():
        raise Wrong("is empty", "some text")
    return text


def component_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise Wrong("{value} is not an id", "1 to 64 of a-z, 0-9 and -, like orders-db")
    return text


def check_id(text: str) -> str:
    if not _CHECK_ID.fullmatch(text):
        raise Wrong("{value} is not an id", "1 to 128 of a-z, 0-9, -, _ and /, like shop/http")
    return text


def language_code(code: str) -> str:
    known = language.available()
    if code not in known:
        raise Wrong("{value} is not a language that we speak", ", ".join(known))
    return code


def time_zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        hint = nearest(name, zoneinfo.available_timezones())
        raise Wrong("{value} is not a time zone" + hint, "a name like Europe/Rome or UTC") from None
    return name


def _by_language(value: Any, info: ValidationInfo) -> Any:
    """Plain text is in the site's first language."""
    if isinstance(value, str):
        return {(info.context or {}).get("language", "en"): value}
    return value


def _spoken(texts: Mapping[str, str]) -> Mapping[str, str]:
    known = language.available()
    for code in texts:
        if code not in known:
            raise Wrong(f'"{code}" is not a language that we speak', ", ".join(known))
    return texts


Line = Annotated[str, AfterValidator(one_line), AfterValidator(filled)]
Prose = Annotated[str, AfterValidator(filled)]
Id = Annotated[str, AfterValidator(component_id)]
CheckId = Annotated[str, AfterValidator(check_id)]
LanguageCode = Annotated[str, AfterValidator(language_code)]
TimeZone = Annotated[str, AfterValidator(time_zone)]
Localized = Annotated[Mapping[str, Prose], BeforeValidator(_by_language), AfterValidator(_spoken)]
"""Language -> text; one may be missing."""
LocalizedLine = Annotated[
    Mapping[str, Line], BeforeValidator(_by_language), AfterValidator(_spoken)
]
