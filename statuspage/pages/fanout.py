"""How do we say how fast customers were told?

Shares and times always, the number of people only where the site publishes it. Times are
rounded up: nobody shall have waited longer than the page says.
"""

from __future__ import annotations

import math
from datetime import timedelta

from markupsafe import Markup

from statuspage.pages.reader import Reader
from statuspage.rules.fanouts import Fanout

_IN_SECONDS = 100
"""So many are told as seconds, more as minutes."""


def how_fast(fanout: Fanout | None, reader: Reader) -> Markup | None:
    """One sentence; None where nobody has got a letter."""
    if fanout is None or not fanout.sent or fanout.p50_s is None or fanout.last_s is None:
        return None
    half, last = waited(fanout.p50_s, reader), waited(fanout.last_s, reader)
    went = _went(fanout, half, last, reader)
    if not fanout.queued:
        return went
    return Markup(" ").join((went, _still_tried(fanout, reader)))


def _went(fanout: Fanout, half: str, last: str, reader: Reader) -> Markup:
    if reader.site.publishes_counts:
        form = "all" if half == last else "counted"
        return reader.count(f"page.fanout.{form}", fanout.sent, half=half, last=last)
    form = "at_once" if half == last else "shares"
    so_far = "_so_far" if fanout.queued else ""
    return reader.say(f"page.fanout.{form}{so_far}", half=half, last=last)


def _still_tried(fanout: Fanout, reader: Reader) -> Markup:
    """A share is rounded up too; where nearly all still wait it is not all of them."""
    if reader.site.publishes_counts:
        return reader.count("page.fanout.still_tried", fanout.queued)
    asked = fanout.sent + fanout.queued + fanout.failed
    return reader.count(
        "page.fanout.share_still_tried", min(999, math.ceil(1000 * fanout.queued / asked))
    )


def waited(seconds: float, reader: Reader) -> str:
    """How long somebody waited: ``4 seconds``, ``2 minutes``, never less than it was."""
    whole = max(1, math.ceil(seconds))
    if whole < _IN_SECONDS:
        return reader.language.plural("page.fanout.seconds", whole)
    return reader.language.duration(timedelta(minutes=math.ceil(whole / 60)))
