"""Which tables does avviso.toml have beside its components, and what holds when one is silent?

The defaults here are those that the interface promises; ``docs/avviso.example.toml`` shows
them, and a test holds the two together. Whatever may carry a credential is a ``SecretStr``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationInfo,
)

from checks.duration import Duration, spell
from notifications.return_path import LONGEST
from statuspage.settings.addresses import (
    Call,
    Imap,
    Mailbox,
    MailboxOrNone,
    Relay,
    Sender,
    SiteUrl,
    Target,
    TrustedNetwork,
    WebUrl,
)
from statuspage.settings.dkim import Dkim
from statuspage.settings.dress import Accent, AccentByNight, Link, LogoFile
from statuspage.settings.hours import Hours, QuietHours, Staffed, quiet
from statuspage.settings.mistakes import Wrong
from statuspage.settings.paths import PathOrNone, in_folder
from statuspage.settings.table import Count, Table, each_once, number
from statuspage.settings.texts import LanguageCode, Line, Prose, TimeZone


def _database(url: SecretStr, info: ValidationInfo) -> SecretStr:
    text = url.get_secret_value()
    scheme, separator, rest = text.partition("://")
    if scheme == "postgresql" and separator and rest:
        return url
    path = rest.removeprefix("/")
    if scheme != "sqlite" or not rest.startswith("/") or not path.strip("/") or path == ":memory:":
        raise Wrong("is not a database that we can use", _DATABASES)
    return SecretStr(f"sqlite:///{in_folder(Path(path), info)}")


_DATABASES = "sqlite:///file.db or postgresql://user@host/name"


def _leaves_room(address: str) -> str:
    """RFC 5321 4.5.3.1.1: 64 octets before the @, and a plus sign and a seal are added."""
    local = address.rpartition("@")[0]
    if not local.isascii() or len(local) > 64 - 1 - LONGEST:
        raise Wrong("{value} has too long a name before the @", "34 ASCII characters at most")
    return address


def _no_less_than(finer: str) -> Callable[[timedelta, ValidationInfo], timedelta]:
    """What is coarser is kept longer."""

    def check(length: timedelta, info: ValidationInfo) -> timedelta:
        least: timedelta = info.data.get(finer, length)
        if length < least:
            what = f"{info.field_name} is {spell(length)}, less than {finer}"
            raise Wrong(what, f"{spell(least)} or more")
        return length

    return check


class Contact(Table):
    """Whom a visitor can reach when something is wrong that is not listed."""

    email: Mailbox | None = None
    phone: Line | None = None
    hours: Line | None = None


class Site(Table):
    name: Line = Field(description="what customers call you")
    url: SiteUrl = Field(description="the public address, like https://status.acme.example")
    """Scheme and host, without a slash at the end."""
    languages: Annotated[
        tuple[LanguageCode, ...], Field(min_length=1), AfterValidator(each_once)
    ] = ("en",)
    time_zone: TimeZone = "UTC"
    state_dir: Annotated[Path, AfterValidator(in_folder)] = Field(
        default=Path("state"), validate_default=True
    )
    contact: Contact = Contact()
    controller: Prose | None = None
    privacy_url: WebUrl | None = None
    publish_counts: bool = False
    logo: LogoFile = None
    logo_dark: LogoFile = None
    accent: Accent = ""
    accent_dark: AccentByNight = ""
    links: tuple[Link, ...] = ()

    @property
    def default_language(self) -> str:
        return self.languages[0]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Server(Table):
    trusted_proxies: tuple[TrustedNetwork, ...] = ()


class Database(Table):
    url: Annotated[SecretStr, AfterValidator(_database)] = Field(
        default=SecretStr("sqlite:///avviso.db"), validate_default=True
    )
    """``sqlite:////absolute/path`` or ``postgresql://`` as written."""


class Operators(Table):
    notify: tuple[Call, ...] = ()
    mail_server: Relay = SecretStr("")
    again_every: Duration = timedelta(minutes=5)
    staffed: Staffed = Hours()


class Mail(Table):
    server: Relay = SecretStr("")
    second_server: Relay = SecretStr("")
    """Stands in while the first lets nobody in."""
    oauth_token_file: PathOrNone = None
    """Read for each connection: something else renews it."""
    sender: Sender = Field(default="", alias="from")
    reply_to: Sender = ""
    connections: Annotated[Count, Field(le=256)] = 8
    max_per_second: Annotated[float, BeforeValidator(number), Field(ge=0, allow_inf_nan=False)] = 0
    """0: as fast as the relay takes them."""
    per_domain: Annotated[float, BeforeValidator(number), Field(ge=0, allow_inf_nan=False)] = 0
    """Letters a second to one recipient's domain; 0: no limit."""
    dkim: Dkim = Dkim()
    canary: MailboxOrNone = ""
    """Written to every hour, to see that letters arrive."""
    canary_imap: Imap = SecretStr("")
    canary_maildir: PathOrNone = None


class Bounces(Table):
    """Letters that come back."""

    address: Annotated[MailboxOrNone, AfterValidator(_leaves_room)] = ""
    """The envelope sender's mailbox; each letter adds a seal of its own to it (VERP)."""
    imap: Imap = SecretStr("")
    maildir: PathOrNone = None


class Letters(Table):
    automatic: Literal["after_first_after", "after_acknowledge", "never"] = "after_first_after"
    first_after: Duration = timedelta(minutes=5)
    all_clear_after: Duration = timedelta(minutes=5)
    reopen_within: Duration = timedelta(hours=1)
    undo: Duration = timedelta(seconds=10)
    next_update: Duration = timedelta(hours=1)
    remind_before: Duration = timedelta(minutes=10)
    holding_pauses: Annotated[tuple[Duration, ...], Field(min_length=1)] = (
        timedelta(hours=4),
        timedelta(hours=12),
        timedelta(days=1),
        timedelta(days=3),
        timedelta(days=7),
        timedelta(days=15),
    )
    quiet_hours: QuietHours = quiet("22:00-07:00")
    close_after: Duration = timedelta(hours=2)
    per_hour: Count = 4
    per_day: Count = 10
    postmortem_within: Duration = timedelta(days=5)
    known_words: tuple[Line, ...] = ()
    """That are in no dictionary, and no mistakes."""
    second_reader: bool = False
    second_reader_waits: Duration = timedelta(minutes=10)


class Checks(Table):
    """How components are probed, unless a check says otherwise."""

    interval: Duration = timedelta(seconds=15)
    timeout: Duration = timedelta(seconds=5)
    confirm_failures: Count = 3
    confirm_recoveries: Count = 2
    confirm_interval: Duration = timedelta(seconds=3)
    flap_changes: Count = 5
    flap_within: Duration = timedelta(minutes=10)
    flap_steady: Duration = timedelta(minutes=5)
    reference: tuple[Target, ...] = ()


class Retention(Table):
    deliveries: Duration = timedelta(days=90)
    proof_ip: Duration = timedelta(days=30)
    left: Duration = timedelta(days=30)
    """Of those who stopped the letters: so long their address is kept."""
    looks: Duration = timedelta(days=2)
    """What a check saw, look by look; after that what remains of it by five minutes,"""
    minutes: Annotated[Duration, AfterValidator(_no_less_than("looks"))] = Field(
        default=timedelta(days=8), validate_default=True
    )
    """by hours,"""
    hours: Annotated[Duration, AfterValidator(_no_less_than("minutes"))] = Field(
        default=timedelta(days=90), validate_default=True
    )
    """and by days, for ever."""
    changes: Duration = timedelta(days=400)
    """Of what was believed of a check."""
