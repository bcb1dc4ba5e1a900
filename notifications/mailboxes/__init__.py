"""Which kinds of mailbox can be read?"""

from __future__ import annotations

from pathlib import Path

from notifications.mailbox import Mailbox
from notifications.mailboxes.imap import Imap
from notifications.mailboxes.maildir import Maildir


def configured(imap: str, maildir: Path | None) -> tuple[Mailbox, ...]:
    """Those that are named: none, one or both."""
    boxes: list[Mailbox] = [Imap(imap)] if imap else []
    return (*boxes, Maildir(maildir)) if maildir else tuple(boxes)
