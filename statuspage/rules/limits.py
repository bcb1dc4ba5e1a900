"""Has somebody asked too often, and who is it that asks?

Nothing here looks at a clock, a socket or a row. Hits are counted in slots of a sixtieth
of the limit's length, so "5 an hour" holds in every hour, not in every calendar hour,
and nobody waits longer than a slot too much. Whoever stores the counts keeps rows of
(bucket, slot, count), adds to ``slot_of(limit, now)`` and may sweep all slots that are
not after ``oldest_slot(limit, now)``.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

SLOTS = 60
UNKNOWN = "unknown"
"""The address of a peer that has none (a Unix socket), or that nobody can read."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` hits in any length of ``within``."""

    name: str
    most: int
    within: timedelta

    @property
    def slot(self) -> timedelta:
        return self.within / SLOTS


@dataclass(frozen=True, slots=True)
class Allowed:
    """Go on, and count it."""


@dataclass(frozen=True, slots=True)
class Denied:
    """Too often, by that limit; ``retry_after`` is at least a second and whole."""

    limit: Limit
    retry_after: timedelta


FORMS_PER_ADDRESS = Limit("forms_address", 5, timedelta(hours=1))
LETTERS_PER_NETWORK = Limit("letters_network", 30, timedelta(minutes=1))
LETTERS_IN_ALL = Limit("letters", 300, timedelta(minutes=1))
"""To confirm, because of one network and because of all: what is beyond waits."""
HOOK_TESTS = Limit("hook_tests", 10, timedelta(hours=1))
FAILED_TOKENS = Limit("failed_tokens", 10, timedelta(minutes=1))


def decide(
    counts: Mapping[str, Mapping[datetime, int]],
    limits: Mapping[str, Limit],
    now: datetime,
) -> Allowed | Denied:
    """May one more hit pass? ``limits`` names the limit of each bucket, ``counts`` what
    was counted: bucket -> slot -> hits. Of several limits the longest wait is told.
    """
    denied = [
        Denied(limit, wait)
        for bucket, limit in limits.items()
        if (wait := _wait(counts.get(bucket, {}), limit, now))
    ]
    return max(denied, key=lambda denial: denial.retry_after, default=Allowed())


def bucket_of(limit: Limit, key: str) -> str:
    """Under which name hits are counted: the limit's, and whose they are (a network,
    or the keyed hash of an address: never the address itself).
    """
    return f"{limit.name}:{key}"


def slot_of(limit: Limit, now: datetime) -> datetime:
    """The slot in which a hit of now is counted: its beginning, in UTC."""
    slots = math.floor(now.timestamp() / limit.slot.total_seconds())
    return datetime.fromtimestamp(slots * limit.slot.total_seconds(), UTC)


def oldest_slot(limit: Limit, now: datetime) -> datetime:
    """Slots that began at or before this no longer count."""
    return now - limit.within - limit.slot


def keyed_hash(address: str, key: bytes) -> str:
    """A mail address as it may be stored beside a count: HMAC-SHA256, however written."""
    plain = address.strip().casefold().encode("utf-8", "surrogatepass")
    return hmac.new(key, plain, hashlib.sha256).hexdigest()


def network_of(address: str) -> str:
    """Whom an address is counted as: IPv4 /32, IPv6 /64 (what one line is given)."""
    read = _address(address)
    if read is None:
        return UNKNOWN
    return str(ip_network((read, 32 if read.version == 4 else 64), strict=False))


def client_address(
    peer: str | None, x_forwarded_for: str | None, trusted_proxies: Sequence[str]
) -> str:
    """Who really asks: the rightmost hop that is not one of our proxies.

    Everything left of the first stranger is the stranger's own word, and the header
    counts at all only when the peer itself is a proxy of ours. A hop that cannot be
    read ends the search at the proxy that passed it on.
    """
    trusted = _networks(tuple(trusted_proxies))
    seen = _address(peer or "")
    for hop in reversed((x_forwarded_for or "").split(",")):
        if seen is None or not _is_trusted(seen, trusted):
            break
        further = _address(hop)
        if further is None:
            break
        seen = further
    return UNKNOWN if seen is None else str(seen)


def _wait(hits: Mapping[datetime, int], limit: Limit, now: datetime) -> timedelta | None:
    # a clock that stepped back leaves slots in the future: they count, but not for ever
    live = sorted(
        (slot, count)
        for slot, count in hits.items()
        if oldest_slot(limit, now) < slot < now + limit.within
    )
    surplus = sum(count for _, count in live) + 1 - limit.most
    for slot, count in live:
        if surplus <= 0:
            return None
        surplus -= count
        if surplus <= 0:
            return _whole_seconds(slot + limit.slot + limit.within - now, limit.within)
    return _whole_seconds(limit.within, limit.within) if surplus > 0 else None


def _whole_seconds(wait: timedelta, most: timedelta) -> timedelta:
    return timedelta(seconds=max(1, math.ceil(min(wait, most).total_seconds())))


def _address(text: str) -> Address | None:
    """An address as proxies write it: with a port, in brackets, with a zone."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        read = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (read.ipv4_mapped or read) if isinstance(read, IPv6Address) else read


@lru_cache(maxsize=16)
def _networks(proxies: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(proxy, strict=False) for proxy in proxies)


def _is_trusted(address: Address, trusted: tuple[Network, ...]) -> bool:
    return any(address in network for network in trusted)
