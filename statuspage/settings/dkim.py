"""Whose letters do we sign, and with which key?

All three keys, or none: then nothing is signed here, and the relay may do it. A key that
receivers would not accept is a mistake at the start and no letter in a spam folder later.
"""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import AfterValidator, SecretStr, model_validator

from notifications import dkim
from statuspage.settings.addresses import host
from statuspage.settings.mistakes import Wrong
from statuspage.settings.table import Table

_SELECTOR = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_KEY = 'an RSA key of 2048 bits or more in PEM, like { file = "/run/secrets/dkim.pem" }'


def _domain(text: str) -> str:
    return host(text) if text else ""


def _selector(text: str) -> str:
    if text and not _SELECTOR.fullmatch(text.lower()):
        raise Wrong("{value} is not a selector", "a name of a-z, 0-9, - and dots, like avviso1")
    return text.lower()


def _key(text: SecretStr) -> SecretStr:
    if text:
        try:
            dkim.read_key(text.get_secret_value())
        except ValueError as error:
            raise Wrong(str(error), _KEY) from None
    return text


class Dkim(Table):
    domain: Annotated[str, AfterValidator(_domain)] = ""
    selector: Annotated[str, AfterValidator(_selector)] = ""
    key: Annotated[SecretStr, AfterValidator(_key)] = SecretStr("")

    @model_validator(mode="after")
    def _all_or_none(self) -> Self:
        given = {"domain": self.domain, "selector": self.selector, "key": self.key}
        lacks = [name for name, value in given.items() if not value]
        if 0 < len(lacks) < len(given):
            raise Wrong(f"has no {' and no '.join(lacks)}", "domain, selector and key, or none")
        return self

    @property
    def signer(self) -> dkim.Signer | None:
        """None: letters leave unsigned."""
        if not self.key:
            return None
        key = dkim.read_key(self.key.get_secret_value())
        return dkim.Signer(self.domain, self.selector, key)
