"""What does a feed say of an incident that was taken back?

Left out it would stand for ever in the copies that readers hold, as if it were still so: the
formats know no word for "gone" that readers heed (RFC 6721 is Atom's, and hardly any do). So
its entry is revised like any other, says that it was taken back, and nothing of what it said;
to programs it is over.
"""

from __future__ import annotations

from markupsafe import escape

from statuspage.pages.feed_entry import Entry, said
from statuspage.pages.reader import Reader
from statuspage.rules.taken_back import TakenBackView


def taken_back_entry(view: TakenBackView, reader: Reader) -> Entry:
    body = escape(reader.word("feed.taken_back_body"))
    return Entry(
        id=view.id,
        path="/history",  # it has no page of its own any more
        category="incident",
        title=reader.word("feed.taken_back"),
        published_at=view.created_at,
        updated_at=view.updated_at,
        content=said(view.updated_at, "resolved", body, reader),
    )
