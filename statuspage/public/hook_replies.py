"""What does whoever looks after a hook see?

Its state, what it is told of, and what can be done with it. The secret is shown when it is
made, and never again; of the address only the host.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Response

from notifications import channels
from statuspage.actions import subscribers
from statuspage.pages.hooks import HookView
from statuspage.pages.offer import offer_of
from statuspage.premises import Premises
from statuspage.public import replies
from statuspage.tables import Subscriber


def confirmed(at: Premises, hook: Subscriber, secret: str | None = None) -> Response:
    """``secret``: where it is to be shown."""
    manage_url = f"/subscriptions/{hook.code}"
    language = replies.language_of(at, hook)
    return replies.page(at, "confirmed_hook", language, manage_url=manage_url, secret=secret)


def manage(
    at: Premises,
    hook: Subscriber,
    note: str | None = None,
    status: int = 200,
    *,
    secret: str | None = None,
    answered: int | None = None,
) -> Response:
    """``answered``: the HTTP status of what was tried just now."""
    return replies.page(
        at,
        "manage_hook",
        replies.language_of(at, hook),
        status,
        note=note,
        hook=view(hook, answered),
        secret=secret,
        code=hook.code,
        offer=offer_of(at.settings.components),
        wishes=subscribers.wishes_of(hook),
    )


def view(hook: Subscriber, answered: int | None = None) -> HookView:
    return HookView(
        kind=hook.channel,
        host=urlsplit(hook.address or "").hostname or "",
        is_resting=hook.state == "resting",
        is_failing=hook.failing_since is not None,
        is_signed=channels.kinds()[hook.channel].told_in == "events",
        answered=answered,
    )
