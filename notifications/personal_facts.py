"""What may a letter to one person know, about their letters or their hook, or one to ourselves?

No address has a field to stand in: a hook's host is put in when the letter is sent.
"""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from notifications.moment import Moment


@dataclass(frozen=True, kw_only=True)
class Confirm:
    """Somebody wishes to be written to: is it you? No ``components`` means all of them;
    ``only_this_time``: one letter, when what is wrong now is over.
    """

    expires_at: Moment
    text_version: str
    components: tuple[str, ...] = ()
    only_this_time: bool = False
    occasion: Literal["confirm"] = "confirm"


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


@dataclass(frozen=True, kw_only=True)
class Canary:
    """A letter to ourselves, to see that letters arrive."""

    sent_at: Moment
    occasion: Literal["canary"] = "canary"
