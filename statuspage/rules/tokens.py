"""Who may do what, when all that they show is a secret?

Nothing here looks at a clock, a socket or a row. A secret is random and long enough
that its plain SHA-256 may be stored (OWASP ASVS 5.0, 6.5.2: 112 bits or more need no
slow hash), and it is shown once. The source of randomness is an argument.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable

from statuspage.vocabulary import Scope

Randomness = Callable[[int], bytes]
"""Answers so many random bytes."""

PREFIX = "av_"
"""What scanners for leaked secrets search for."""
_TOKEN_BYTES = 32
_CODE_BYTES = 16
_TOKEN = re.compile(r"av_[A-Za-z0-9_-]{43}", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)


def new_token(randomness: Randomness = secrets.token_bytes) -> str:
    """A token for the operators' API: ``av_`` and 256 random bits, base64url."""
    return PREFIX + _base64url(randomness(_TOKEN_BYTES))


def new_code(randomness: Randomness = secrets.token_bytes) -> str:
    """A secret for a subscriber's link: 128 random bits, base64url, 22 characters."""
    return _base64url(randomness(_CODE_BYTES))


def digest(secret: str) -> str:
    """What is stored of a token or a code, and looked up by: SHA-256, 64 hex digits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def is_token(text: str) -> bool:
    """Whether a text has the shape of a token: all else need not be looked up."""
    return _TOKEN.fullmatch(text) is not None


def is_code(text: str) -> bool:
    """Whether a text has the shape of a subscriber's code."""
    return _CODE.fullmatch(text) is not None


def matches(secret: str, stored_digest: str) -> bool:
    """Whether a secret is the one whose digest is stored, in constant time."""
    return hmac.compare_digest(digest(secret).encode(), stored_digest.encode())


def allows(scopes: Iterable[str], needed: Scope) -> bool:
    """Whether a token with these scopes may do what needs one; ``admin`` may do all."""
    held = frozenset(scopes)
    return Scope.ADMIN in held or needed in held


def _base64url(random: bytes) -> str:
    return base64.urlsafe_b64encode(random).rstrip(b"=").decode("ascii")
