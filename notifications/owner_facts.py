"""What may a letter to whoever looks after a hook know?

No address has a field to stand in: the hook's host is put in when the letter is sent.
"""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from notifications.moment import Moment


@dataclass(frozen=True, kw_only=True)
class ConfirmHook:
    """Somebody wishes that a hook be called (``kind``: webhook, slack …): is it yours?"""

    kind: str
    expires_at: Moment
    text_version: str
    components: tuple[str, ...] = ()
    occasion: Literal["confirm_hook"] = "confirm_hook"


@dataclass(frozen=True, kw_only=True)
class HookResting:
    """A hook has taken nothing ``since`` then, and is called no more."""

    kind: str
    since: Moment
    said_at: Moment
    occasion: Literal["hook_resting"] = "hook_resting"
