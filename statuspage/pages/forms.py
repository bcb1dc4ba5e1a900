"""What do the small pages round the letters look like?

They answer a form or a personal link, so they are rendered when asked for and never kept.
None of them acts by being looked at (mail scanners open every link): what changes
something is a button. None of them tells whether an address is known.
"""

from __future__ import annotations

from datetime import UTC, datetime

from notifications.language import load
from statuspage.pages.reader import Reader
from statuspage.pages.templates import template, to_bytes
from statuspage.rules.site_view import SiteView

FORMS: dict[str, tuple[str, ...]] = {
    "subscribe_sent": (),
    "address_sent": ("manage_url",),
    "no_letters": (),
    "confirm": ("action",),
    "confirm_once": ("action",),
    "confirmed": ("manage_url",),
    "confirmed_once": ("manage_url",),
    "confirm_hook": ("action",),
    "confirmed_hook": ("manage_url", "secret"),
    "manage_hook": ("code", "hook", "secret", "offer", "wishes", "note"),
    "bad_hook": ("channel", "address", "owner", "offer"),
    "over": (),
    "manage": ("code", "address", "new_address", "offer", "wishes", "note"),
    "unsubscribe": ("action",),
    "unsubscribed": ("forget_url",),
    "forgotten": (),
    "bad_link": (),
    "bad_address": ("address", "offer"),
    "bad_choice": ("address", "offer"),
    "too_many": (),
    "not_now": (),
    "wrong": (),
}
"""Each page, and the values that it must be given.

``action``: where its button posts to. ``manage_url``: where the wishes can be seen, or
None. ``forget_url``: where one posts to be erased. ``code``: of the personal links.
``wishes``: a ``rules.subscriptions.Wishes``. ``offer``: a ``pages.offer.Offer``. ``address``:
what was typed, or where letters go; ``new_address``: where they will go, or None. ``note``:
what has just become of it (saved, bad_address, bad_choice), or None. ``hook``: a
``pages.hooks.HookView``; ``secret``: what its calls are signed with, where it is shown.
``channel``, ``owner``: as typed.
"""

_TONES = dict.fromkeys(
    ("subscribe_sent", "address_sent", "confirmed", "confirmed_once", "confirmed_hook", "over"),
    "ok",
)
_TONES |= dict.fromkeys(("unsubscribed", "forgotten"), "ok")
_TONES |= dict.fromkeys(("bad_link", "bad_address", "bad_choice", "bad_hook"), "slow")
_TONES |= dict.fromkeys(("too_many", "not_now"), "slow")
_TONES |= {"wrong": "down"}


def form_page(name: str, language: str, site: SiteView, **values: object) -> bytes:
    """One of ``FORMS`` in one language, as HTML in UTF-8.

    Raises ``LookupError`` for a page or language that does not exist, and ``TypeError``
    for values that are not those the page takes.
    """
    if set(values) != set(FORMS[name]):
        raise TypeError(f"{name} takes {', '.join(FORMS[name]) or 'no values'}")
    reader = Reader(load(language), site, site.languages, datetime.min.replace(tzinfo=UTC))
    html = template("forms.html").render(
        reader=reader,
        name=name,
        tone=_TONES.get(name),
        home=f"/{language}/",
        path="",
        **{value: None for needed in FORMS.values() for value in needed} | values,
    )
    return to_bytes(html)
