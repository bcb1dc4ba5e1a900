"""What does a hook get that is only tried?

The same form as a real word, without an incident, and it says so.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from notifications.card import Card
from notifications.channel import Parcel
from notifications.language import load
from notifications.plain import one_line
from statuspage.pages.statuspage_hook import with_links
from statuspage.rules.short_ids import short_id
from statuspage.rules.site_view import SiteView


def trial(
    url: str, code: str, secret: str | None, site: SiteView, language: str, now: datetime
) -> Parcel:
    """``code``: of the owner's links."""
    told, name = load(language), one_line(site.name)
    title = told.text("page.hook.test.title", site=name)
    body = told.text("page.hook.test.body")
    page = {"id": short_id("page", site.url), "status_indicator": "none"}
    stop = f"{site.url}/unsubscribe/{code}"
    event = {"page": {**page, "status_description": body}, "test": True}
    id = hashlib.sha256(f"test\0{code}\0{now.isoformat()}".encode()).hexdigest()[:26]
    return Parcel(
        sender="",
        recipient=url,
        subject=title,
        text=body,
        message_id=f"<{id}@test>",
        sent_at=now,
        body=with_links(event, stop, f"{site.url}/", now),
        cards=(Card("plan", title, told.text("page.hook.test.state"), body, url=f"{site.url}/"),),
        secret=secret,
    )
