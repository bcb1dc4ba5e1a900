"""Which web, mail and network addresses may the configuration name?

Only their shape is looked at: nothing here asks a name server or opens a connection.
"""

from __future__ import annotations

import ipaddress
import re
from email.utils import parseaddr
from typing import Annotated
from urllib.parse import SplitResult, parse_qsl, urlsplit

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, SecretStr

from notifications import channels
from statuspage.settings.mistakes import Wrong
from statuspage.settings.texts import one_line

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*"
)


def web_url(text: str) -> str:
    """An absolute http(s) URL."""
    parts = _split(text)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise Wrong("{value} is not a web address", "an absolute http:// or https:// URL")
    return text


def site_url(text: str) -> str:
    """Scheme and host alone: the pages' paths, the feeds' tags and the links in letters
    all begin at the root.
    """
    parts = _split(web_url(text))
    if parts is None or parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise Wrong(
            "{value} is more than an address", "scheme and host, like https://status.acme.example"
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"


def mailbox(text: str) -> str:
    """A bare address, normalised; plus-addressing and international names stay."""
    local, _, domain = text.rpartition("@")
    # mail inside a house may go to root@localhost or x@acme.local, which the library refuses
    special = _is_special(domain) and _HOST.fullmatch(domain.lower())
    try:
        found = validate_email(
            f"{local}@example.com" if special else text, check_deliverability=False
        )
    except EmailNotValidError:  # its words may quote a part of what must not be quoted
        raise Wrong("{value} is not a mail address", _MAILBOX) from None
    return f"{found.local_part}@{domain}" if special else found.normalized


def _is_special(domain: str) -> bool:
    return domain.lower().rpartition(".")[2] in SPECIAL_USE_DOMAIN_NAMES


def mailbox_or_none(text: str) -> str:
    """A bare address; empty stays empty."""
    return mailbox(text) if text.strip() else ""


def sender(text: str) -> str:
    """``Name <mailbox>`` or a bare mailbox, as written; empty stays empty."""
    _, address = parseaddr(one_line(text))
    if not text.strip():
        return ""
    if "@" not in address:
        raise Wrong("{value} is not a sender", _SENDER)
    mailbox(address)
    return text.strip()


def call(text: SecretStr) -> SecretStr:
    """Where operators are told, by any channel that there is. A path may be a credential."""
    address = text.get_secret_value()
    scheme, _, rest = address.partition(":")
    known = {scheme for kind in channels.kinds().values() for scheme in kind.schemes}
    if scheme.lower() not in known or not rest:
        raise Wrong("is no way to tell anybody", ", ".join(f"{one}:" for one in sorted(known)))
    if scheme.lower() == "mailto":
        return SecretStr("mailto:" + mailbox(rest))
    return SecretStr(web_url(address)) if scheme.lower() in ("http", "https") else text


def relay(text: SecretStr) -> SecretStr:
    """``smtp://user:secret@host:587?starttls=auto``; empty: none."""
    url = text.get_secret_value()
    parts = _split(url)
    if not url:
        return text
    if parts is None or parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise Wrong("is not a mail server", _RELAY)
    if parts.path.strip("/") or parts.fragment:
        raise Wrong("has more than a server after the scheme", _RELAY)
    _relay_options(parts)
    return text


def _relay_options(parts: SplitResult) -> None:
    for key, value in parse_qsl(parts.query, keep_blank_values=True):
        if key != "starttls" or value not in ("never", "auto", "always"):
            raise Wrong("has an option that we do not know", _RELAY)
        if parts.scheme == "smtps":
            raise Wrong("asks for STARTTLS, but smtps:// is encrypted from the start", _RELAY)


def imap(text: SecretStr) -> SecretStr:
    """``imaps://user:secret@host/INBOX``; empty: none. Without TLS only where it stays inside
    the machine or the house is ``imap://`` any good, so it must be meant.
    """
    url = text.get_secret_value()
    parts = _split(url)
    if not url:
        return text
    if parts is None or parts.scheme not in ("imap", "imaps") or not parts.hostname:
        raise Wrong("is not a mailbox", _IMAP)
    if not parts.username or parts.password is None:
        raise Wrong("names no user and secret", _IMAP)
    if parts.query or parts.fragment:
        raise Wrong("has more than a folder at its end", _IMAP)
    return text


def target(text: str) -> str:
    """``tcp://host:port``"""
    parts = _split(text)
    if parts is None or parts.scheme != "tcp" or not parts.hostname or not parts.port:
        raise Wrong("{value} is not a target", "tcp://host:port, like tcp://192.0.2.1:53")
    if parts.path or parts.query or parts.fragment or parts.username:
        raise Wrong("{value} is more than a target", "tcp://host:port, like tcp://192.0.2.1:53")
    return text


def host(text: str) -> str:
    """A name as browsers send it in ``Host``: lower case, international names as ``xn--``."""
    try:
        name = text.strip().rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        name = ""
    if not _HOST.fullmatch(name):
        raise Wrong("{value} is not a host name", "a name without scheme, port or path")
    return name


def network(text: object) -> Network:
    """An address or a network in CIDR; host bits must be clear, lest a whole net be trusted
    where one machine was meant.
    """
    try:
        return ipaddress.ip_network(text if isinstance(text, str) else str(text))
    except ValueError as error:
        hint = " (has host bits set)" if "host bits" in str(error) else ""
        raise Wrong("{value} is not a network" + hint, "like 10.0.0.7 or 10.0.0.0/8") from None


def _split(text: str) -> SplitResult | None:
    if _UNFIT.search(text):
        return None
    try:
        parts = urlsplit(text)
        known = parts.port != 0
    except ValueError:  # a port beyond 65535, half an IPv6 address
        return None
    return parts if known else None


_UNFIT = re.compile(r"[\x00-\x20\x7f]")
_MAILBOX = "one like status@acme.example"
_SENDER = 'one address, like "Acme status <status@acme.example>"'
_IMAP = "imaps://user:secret@host/INBOX"
_RELAY = "smtp://user:secret@host:port or smtps://…, ?starttls=never|auto|always with smtp"

WebUrl = Annotated[str, AfterValidator(web_url)]
SiteUrl = Annotated[str, AfterValidator(site_url)]
Mailbox = Annotated[str, AfterValidator(mailbox)]
MailboxOrNone = Annotated[str, AfterValidator(mailbox_or_none)]
Sender = Annotated[str, AfterValidator(sender)]
Call = Annotated[SecretStr, AfterValidator(call)]
Imap = Annotated[SecretStr, AfterValidator(imap)]
Relay = Annotated[SecretStr, AfterValidator(relay)]
Target = Annotated[str, AfterValidator(target)]
Host = Annotated[str, AfterValidator(host)]
TrustedNetwork = Annotated[Network, BeforeValidator(network)]
