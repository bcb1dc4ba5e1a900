"""Which addresses that a stranger gave us may we call?

Nothing here looks at a clock, a socket or a row. Rules: https alone, on a port where web
servers are, on a host of the public Internet; nothing that only looks like one (a number, a
short or an octal form, an address inside another). No sentence here repeats the address:
its path is a secret.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)
from urllib.parse import SplitResult, quote, urlsplit

import idna

PORTS = (443, 8443)
LONGEST = 2000

# IANA's special-purpose registries, and what clouds answer to their machines alone
_NOT_PUBLIC_4 = tuple(
    IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "3fff::/20")
)
_NAT64 = IPv6Network("64:ff9b::/96")
_UNFIT = re.compile(r"[\x00-\x20\x7f\\]")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_KEPT = "%/:=&?~#+!$,;'@()*[]"


class NotPublic(ValueError):
    """No address that we call; the message does not repeat it."""


@dataclass(frozen=True, slots=True)
class Place:
    """``host``: as it stands in ``Host`` and is asked for by TLS; ``target``: path and query."""

    host: str
    port: int
    target: str

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def url(self) -> str:
        """The address as it is kept."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == 443 else f":{self.port}"
        return f"https://{host}{port}{self.target}"

    def __repr__(self) -> str:
        return "Place(…)"


def read_url(written: str) -> Place:
    """Where an address leads. Raises ``NotPublic`` with what would be right."""
    parts = _split(written.strip())
    if parts is None or parts.scheme != "https" or not parts.hostname:
        raise NotPublic("This is not a complete https address, like https://hooks.example.org/in.")
    if parts.username is not None or parts.password is not None:
        raise NotPublic("The address must have no user name and no password in it.")
    port = parts.port or 443
    if port not in PORTS:
        raise NotPublic(f"The port must be {' or '.join(str(one) for one in PORTS)}.")
    query = f"?{parts.query}" if parts.query else ""
    return Place(_host(parts.hostname), port, quote((parts.path or "/") + query, safe=_KEPT))


def is_public(address: str) -> bool:
    """Whether an IP address, as resolvers write it, is one of the public Internet."""
    try:
        found = ip_address(address)
    except ValueError:  # "fe80::1%eth0" is for one cable only
        return False
    if isinstance(found, IPv6Address):
        inside = _inside(found)
        if inside is None:
            refused = any(found in network for network in _NOT_PUBLIC_6)
            return found.scope_id is None and found in _PUBLIC_6 and not refused
        found = inside
    return not any(found in network for network in _NOT_PUBLIC_4)


def _inside(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address to which an IPv6 one is led on: mapped, 6to4, NAT64."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _split(written: str) -> SplitResult | None:
    if len(written) > LONGEST or _UNFIT.search(written):
        return None
    try:
        parts = urlsplit(written)
        known = parts.port != 0
    except ValueError:  # a port beyond 65535, half an IPv6 address
        return None
    return parts if known else None


def _host(written: str) -> str:
    if ":" in written:
        host = written
    else:
        host = _name(written)
        if not _NUMBER.fullmatch(host.rpartition(".")[2]):
            return host
    try:
        # what ends in a number is an address, and only in the usual form
        found = IPv6Address(host) if ":" in host else IPv4Address(host)
    except AddressValueError:
        raise NotPublic("The address names no host.") from None
    if not is_public(str(found)):
        raise NotPublic("The address is not one of the public Internet.")
    return str(found)


def _name(written: str) -> str:
    """A host's name as DNS knows it; those with other letters as ``xn--``."""
    try:
        host = idna.encode(written.rstrip("."), uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        host = written.rstrip(".").lower()  # an underscore, say: judged below
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise NotPublic("The address names no host.")
    if len(labels) < 2:
        raise NotPublic("The address is not one of the public Internet.")
    return host
