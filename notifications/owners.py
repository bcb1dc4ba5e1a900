"""What do we write to whoever looks after a hook?

A letter to their mailbox, not a call: shall we call it, and that it takes nothing any more.
The hook is named by its host alone, for the rest of its address is a secret, and it is put in
when the letter is sent: facts hold no address.
"""

from __future__ import annotations

from notifications.personal_facts import ConfirmHook, HookResting
from notifications.phrases import Desk
from notifications.plain import one_line
from notifications.sheet import Link, Paragraph, Section, place

_HOST = Paragraph(place("hook_host"))


def section(desk: Desk, facts: ConfirmHook | HookResting) -> Section:
    return _confirm(desk, facts) if isinstance(facts, ConfirmHook) else _resting(desk, facts)


def _confirm(desk: Desk, facts: ConfirmHook) -> Section:
    site, kind = one_line(desk.site.name), desk.text(f"hook.kind.{facts.kind}")
    names = desk.language.listed([one_line(name) for name in facts.components])
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
