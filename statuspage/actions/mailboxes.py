"""Whose mailbox is this, however the address is written?

Capitals make no other mailbox: whoever left as ``ada@…`` is not brought back as ``ADA@…``, and
has no second row. The address is kept as it was written first.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlmodel import col

from statuspage.tables import Subscriber
from statuspage.tables.subscribers import mailbox_of


def is_at(channel: str, address: str) -> sa.ColumnElement[bool]:
    """The row of this (normalised) address, or of this hook."""
    return is_among(channel, [address])


def is_among(channel: str, addresses: Collection[str]) -> sa.ColumnElement[bool]:
    """The rows of some thousands of addresses at most."""
    wanted = {mailbox_of(channel, address) for address in addresses}
    return sa.and_(col(Subscriber.channel) == channel, col(Subscriber.mailbox).in_(wanted))
