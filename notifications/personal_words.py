"""What do we write to one person about their letters, or their hook?

Shall we write, or call; and that a hook takes nothing any more, which goes to the mailbox of
whoever looks after it. A hook is named by its host alone, for the rest of its address is a
secret; the host is put in when the letter is sent: facts hold no address.
"""

from __future__ import annotations

from notifications.personal_facts import Canary, Confirm, ConfirmHook, HookResting
from notifications.phrases import Desk
from notifications.plain import one_line
from notifications.sheet import Link, Paragraph, Section, place

_HOST = Paragraph(place("hook_host"))


def section(desk: Desk, facts: Confirm | ConfirmHook | HookResting) -> Section:
    if isinstance(facts, Confirm):
        return _confirm(desk, facts)
    return _confirm_hook(desk, facts) if isinstance(facts, ConfirmHook) else _resting(desk, facts)


def _confirm(desk: Desk, facts: Confirm) -> Section:
    site = one_line(desk.site.name)
    names = desk.names(facts.components)
    wish = "confirm.wish_some" if names else "confirm.wish_all"
    if facts.only_this_time:
        wish = "confirm.wish_once"
    until = desk.language.moment(facts.expires_at, desk.site.time_zone)
    return Section(
        mood="plan",
        state=desk.text("confirm.state"),
        subject=desk.text("confirm.subject", site=site),
        headline=Paragraph(desk.text("confirm.headline")),
        intro=(Paragraph(desk.text(wish, site=site, names=names)),),
        link=Link(desk.text("confirm.click"), place("confirm_url")),
        closing=desk.text("confirm.otherwise", until=until),
    )


def _confirm_hook(desk: Desk, facts: ConfirmHook) -> Section:
    site, kind = one_line(desk.site.name), desk.text(f"hook.kind.{facts.kind}")
    names = desk.names(facts.components)
    wish = "hook.wish_some" if names else "hook.wish_all"
    until = desk.language.moment(facts.expires_at, desk.site.time_zone)
    told = desk.text(wish, site=site, kind=kind, names=names)
    return Section(
        mood="plan",
        state=desk.text("hook.state"),
        subject=desk.text("hook.subject", site=site, kind=kind),
        headline=Paragraph(desk.text("hook.headline", kind=kind)),
        intro=(Paragraph(told), _HOST),
        link=Link(desk.text("hook.click"), place("confirm_url")),
        closing=desk.text("hook.otherwise", until=until),
    )


def _resting(desk: Desk, facts: HookResting) -> Section:
    site, kind = one_line(desk.site.name), desk.text(f"hook.kind.{facts.kind}")
    since = desk.time(facts.since, facts.said_at)
    told = desk.text("hook.took_nothing", kind=kind, since=since)
    return Section(
        mood="part",
        state=desk.text("hook.state"),
        subject=desk.text("hook.subject_resting", site=site, kind=kind),
        headline=Paragraph(desk.text("hook.headline_resting", kind=kind)),
        intro=(Paragraph(told), _HOST, Paragraph(desk.text("hook.meanwhile"))),
        link=Link(desk.text("hook.start_again"), place("manage_url")),
    )


def canary(desk: Desk, facts: Canary) -> Section:
    """To ourselves."""
    at = desk.language.moment(facts.sent_at, desk.site.time_zone)
    return Section(
        mood="plan",
        state=desk.text("canary.state"),
        subject=desk.text("canary.subject", site=one_line(desk.site.name)),
        headline=Paragraph(desk.text("canary.headline")),
        intro=(Paragraph(desk.text("canary.why", at=at)),),
    )
