"""How does somebody begin to be told by a hook, and who may change that?

Each function is one transaction's worth, with an open session. Whoever gives a hook's address
gives a mailbox too, of whoever looks after it: nothing is called before a letter to that was
answered, and its links are how the hook is looked after. Nothing here lets on whether an
address was known. No address stands in an exception or a log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from notifications import channels
from notifications.personal_facts import ConfirmHook
from notifications.signature import new_secret
from statuspage.actions import hooks, personal_letters, subscribers
from statuspage.actions.subscribers import Added, Proof
from statuspage.rules import subscriptions, tokens
from statuspage.settings import Settings
from statuspage.tables import Subscriber


@dataclass(frozen=True, slots=True)
class Wish:
    """``url`` and ``owner`` (a mailbox) as they are kept; ``channel``: webhook, slack …"""

    channel: str
    url: str
    owner: str | None
    language: str
    components: Sequence[str] = ()


async def ask(
    session: AsyncSession, settings: Settings, wish: Wish, now: datetime, proof: Proof
) -> None:
    """A pending row and a letter to confirm to its owner, at most one an hour. Of one that is
    called already nothing changes, nor of one that rests, but for its owner.
    """
    hook = await subscribers.row_of(session, wish.channel, wish.url, wish.language, now)
    is_theirs = hook.owner == wish.owner
    if hook.state == "active" or (hook.state == "resting" and not is_theirs):
        return
    if not is_theirs:
        _hand_over(hook, wish.owner)
    again = subscriptions.may_ask_again(hook.asked_at, now)
    hook.state = "pending"
    hook.language, hook.components = wish.language, list(wish.components)
    hook.proof = {"asked": {"at": now.isoformat(), **proof}}
    if again:
        hook.asked_at = now
        hook.confirm_code = hook.confirm_code or tokens.new_code()
        await hooks.withdraw(session, hook.id, now, "asked for again")
        asks = {hook.id: _question(settings, hook, now)}
        await personal_letters.write(session, asks, now)


async def add(
    session: AsyncSession, wish: Wish, now: datetime, *, basis: str, source: str | None
) -> Added:
    """An operator adds a hook that need not be confirmed: called at once."""
    if await subscribers.is_suppressed(session, wish.channel, wish.url):
        return Added(None, "silent")
    hook = await subscribers.row_of(session, wish.channel, wish.url, wish.language, now)
    if hook.left_at is not None:
        return Added(hook, "silent")
    outcome: Literal["added", "updated"] = "updated" if hook.state == "active" else "added"
    if hook.owner != wish.owner or hook.secret is None:
        _hand_over(hook, wish.owner)
    hook.state = "active"
    hook.failing_since = hook.resting_since = hook.resting_why = None
    hook.language, hook.components = wish.language, list(wish.components)
    hook.confirmed_at = hook.confirmed_at or now
    hook.basis, hook.source = basis, source
    return Added(hook, outcome)


async def change_secret(session: AsyncSession, code: str) -> Subscriber | None:
    """The old one is good no more, from the next call; None for a code that is unknown, or of
    what is not signed.
    """
    hook = await subscribers.find_by_code(session, code)
    if hook is None or hook.secret is None or hook.state not in ("active", "resting"):
        return None
    hook.secret = new_secret()
    return hook


def _hand_over(hook: Subscriber, owner: str | None) -> None:
    """Another looks after it from now on: the links and the secret of whoever did are void."""
    signs = channels.kinds()[hook.channel].told_in == "events"
    hook.owner = owner
    hook.secret = new_secret() if signs else None
    hook.code = tokens.new_code()
    hook.confirm_code = hook.asked_at = None


def _question(settings: Settings, hook: Subscriber, now: datetime) -> ConfirmHook:
    chosen = [settings.component(id) for id in hook.components]
    return ConfirmHook(
        kind=hook.channel,
        expires_at=now + subscriptions.CONFIRM_WITHIN,
        text_version=subscriptions.TEXT_VERSION,
        components=tuple(component.name for component in chosen if component is not None),
    )
