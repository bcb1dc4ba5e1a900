"""How does somebody begin to be told by a hook, and who may change that?

Each function is one transaction's worth, with an open session. Whoever gives a hook's address
gives a mailbox too, of whoever looks after it: nothing is called before a letter to that was
answered, and its links are how the hook is looked after. Nothing here lets on whether an
address was known. No address stands in an exception or a log.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from notifications import channels
from notifications.signature import new_secret
from statuspage.actions import subscribers
from statuspage.actions.subscribers import Added, Proof
from statuspage.actions.wishes import wish
from statuspage.rules import subscriptions, tokens
from statuspage.rules.subscriptions import Wishes
from statuspage.settings import Settings
from statuspage.tables import Subscriber


@dataclass(frozen=True, slots=True)
class Wish:
    """``url`` and ``owner`` (a mailbox) as they are kept; ``channel``: webhook, slack …"""

    channel: str
    url: str
    owner: str | None
    language: str
    wishes: Wishes = field(default_factory=Wishes)


async def ask(
    session: AsyncSession, settings: Settings, asked: Wish, now: datetime, proof: Proof
) -> None:
    """A pending row and a letter to confirm to its owner, with growing pauses. Of one that is
    called already nothing changes, nor of one that rests, but for its owner.
    """
    hook = await subscribers.row_of(session, asked.channel, asked.url, asked.language, now)
    is_theirs = hook.owner == asked.owner
    if hook.state == "active" or (hook.state == "resting" and not is_theirs):
        return
    if not is_theirs:
        _hand_over(hook, asked.owner)
    await subscribers.ask_owner(session, settings, hook, asked.language, asked.wishes, now, proof)


async def add(
    session: AsyncSession, asked: Wish, now: datetime, *, basis: str, source: str | None
) -> Added:
    """An operator adds a hook that need not be confirmed: called at once."""
    if await subscribers.is_suppressed(session, asked.channel, asked.url):
        return Added(None, "silent")
    hook = await subscribers.row_of(session, asked.channel, asked.url, asked.language, now)
    if hook.left_at is not None:
        return Added(hook, "silent")
    keeps = hook.owner == asked.owner and subscriptions.chose_themselves(hook.proof)
    if keeps and hook.state in subscribers.TOLD:
        _wake(hook)
        return Added(hook, "kept")
    outcome: Literal["added", "updated"] = "updated" if hook.state == "active" else "added"
    before = hook.secret if outcome == "updated" else None
    if hook.owner != asked.owner:
        _hand_over(hook, asked.owner)
    hook.secret = hook.secret or _new_secret(hook.channel)
    _wake(hook)
    wish(hook, asked.language, asked.wishes)
    hook.confirmed_at = hook.confirmed_at or now
    hook.basis, hook.source = basis, source
    return Added(hook, outcome, hook.secret if hook.secret != before else None)


async def change_secret(session: AsyncSession, code: str) -> Subscriber | None:
    """The old one is good no more, from the next call; None for a code that is unknown, or of
    what is not signed.
    """
    hook = await subscribers.find_by_code(session, code)
    if hook is None or hook.secret is None or hook.state not in subscribers.TOLD:
        return None
    hook.secret = new_secret()
    return hook


def _wake(hook: Subscriber) -> None:
    hook.state = "active"
    hook.failing_since = hook.resting_since = hook.resting_why = None


def _hand_over(hook: Subscriber, owner: str | None) -> None:
    """Another looks after it from now on: the links and the secret of whoever did are void."""
    hook.owner = owner
    hook.secret = _new_secret(hook.channel)
    hook.code = tokens.new_code()
    hook.confirm_code = hook.asked_at = None


def _new_secret(channel: str) -> str | None:
    """Chats check no signature."""
    return new_secret() if channels.kinds()[channel].told_in == "events" else None
