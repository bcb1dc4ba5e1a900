"""How does a program know that a call came from us, and is not an old one said again?

Standard Webhooks 1.0: HMAC-SHA256 over ``id.timestamp.body`` with a secret ``whsec_<base64>``
that only the two of us know. The id stays the same when a call is tried again, the timestamp
is of the attempt.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime

PREFIX = "whsec_"
_SECRET_BYTES = 32


def new_secret(randomness: Callable[[int], bytes] = secrets.token_bytes) -> str:
    return PREFIX + base64.b64encode(randomness(_SECRET_BYTES)).decode("ascii")


def signed(message_id: str, at: datetime, body: bytes, secret: str) -> dict[str, str]:
    """The three headers. ``message_id``: as in mail, in angle brackets or without."""
    name, stamp = message_id.strip("<>"), str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.digest(key, f"{name}.{stamp}.".encode() + body, hashlib.sha256)
    signature = "v1," + base64.b64encode(digest).decode()
    return {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": signature}
