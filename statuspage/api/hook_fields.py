"""By which channels may somebody be told, and what is an address there?

The kinds that lie in ``notifications/channels``; each knows its own addresses.
"""

from __future__ import annotations

from pydantic_core import PydanticCustomError

from notifications import channels
from notifications.strangers import NotPublic
from statuspage.errors import Fault, Invalid
from statuspage.rules import subscriptions

CHANNELS = ["email", *channels.hooks()]


def known_channel(channel: str) -> str:
    if channel not in CHANNELS:
        raise PydanticCustomError("channel", "{says}", {"says": f"One of {', '.join(CHANNELS)}"})
    return channel


def checked(channel: str, address: str, owner: str | None) -> tuple[str, str | None]:
    """Address and owner as they are kept. Raises ``Invalid``, which repeats neither."""
    if channel == "email":
        return mailbox(address, "body", "address"), None
    try:
        url = channels.hooks()[channel].checked(address)
    except NotPublic as wrong:
        fault = Fault(("body", "address"), str(wrong))
        raise Invalid("The address is not one that we can call.", faults=[fault]) from None
    return url, None if owner is None else mailbox(owner, "body", "owner")


def mailbox(written: str, *where: str) -> str:
    try:
        return subscriptions.normalised(written)
    except subscriptions.NoAddress as wrong:
        fault = Fault(where, str(wrong))
        raise Invalid("The address is not one.", faults=[fault]) from None
