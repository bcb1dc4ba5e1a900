"""What has come back: a letter that nobody took, one that is late, or no letter of ours at all?

Read by the fields of ``multipart/report`` (RFC 3464), whatever the prose around them says in
whatever language; mail servers that write none are known to flufl.bounce. A report that
somebody got it, a holiday's answer, a question whether we are human: none of these is a
bounce. What a report says of us (5.7.x: policy, our reputation) is no word about the
recipient. Rules: nothing here looks at a clock, a socket or a row; a mail is what strangers
wrote, so nothing in it may break us; the reason that is kept holds no address.
"""

from __future__ import annotations

import email
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Literal

from flufl.bounce import all_failures

from notifications.channel import Refused
from notifications.plain import one_line
from notifications.replies import answered, readable

logger = logging.getLogger(__name__)

MOST_BYTES = 256 * 1024
"""So much of a mail is read: a report stands before the letter that it returns, and that was
under 30 kB when it left.
"""
_FIRST_LINES = 40
_RECIPIENTS = ("to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-rcpt-to")
"""Where a mail server notes to which address it delivered (VERP)."""
_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)")  # and no IP address
_CODE = re.compile(r"(?<![\d.])[45]\d\d(?=[ -]|$)")
_MAILBOX = re.compile(r"[^\s<>,:;\"'()\[\]]+@[^\s<>,:;\"'()\[\]]+")
_OWN_ID = re.compile(rb"^message-id:\s*(<[^<>\s]+>)", re.IGNORECASE | re.MULTILINE)
_MESSAGE_ID = re.compile(r"<[^<>\s]+@[^<>\s]+>")
Action = Literal["failed", "delayed"]
_REACHED = ("delivered", "relayed", "expanded")


@dataclass(frozen=True, kw_only=True)
class Bounce:
    """A letter that came back, or is late. ``is_hard``: the mailbox will not have it, now or
    later, and that is not about us. ``came_to``: the addresses at which it arrived, as
    headers name them. ``recipient``: who did not get it. ``message_id``: the letter's own, in
    angle brackets.
    """

    action: Action
    is_hard: bool
    reason: str
    came_to: str = ""
    recipient: str | None = None
    message_id: str | None = None


def told(
    action: Action,
    status: str,
    diagnostic: str,
    *,
    came_to: str = "",
    recipient: str | None = None,
    message_id: str | None = None,
) -> Bounce:
    """What ``status`` (RFC 3463, ``5.1.1``; may be empty) and the other side's words mean."""
    exact = _status(status, diagnostic, action)
    code = _CODE.search(diagnostic)
    answer = answered(int(code[0]) if code else 550, f"{exact} {diagnostic}")
    hard = action == "failed" and exact.startswith("5.") and isinstance(answer, Refused)
    return Bounce(
        action=action,
        is_hard=hard,
        reason=readable(diagnostic or exact),
        came_to=came_to,
        recipient=recipient,
        message_id=message_id,
    )


def read(mail: bytes) -> Bounce | None:
    """What a mail says of a letter of ours; None: it is no bounce. Never raises."""
    try:
        return _read(email.message_from_bytes(mail[:MOST_BYTES]))
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError) as error:
        # thousands of parts in each other, charsets that nobody has: written to break a reader
        logger.warning("A mail cannot be read as a bounce: %s.", type(error).__name__)
        return None


def own_id(mail: bytes) -> str:
    """The Message-ID of the mail itself; empty: it has none that can be read. Never raises."""
    header = re.split(rb"\r?\n\r?\n", mail[:MOST_BYTES], maxsplit=1)[0]
    found = _OWN_ID.search(header)
    return found[1].decode("ascii", "replace") if found else ""


def _read(mail: Message) -> Bounce | None:
    report = _report_of(mail)
    if report is not None:
        return _reported(mail, report)
    if _says_it_is_automatic(mail) or mail.get_content_type() == "multipart/report":
        return None
    return _guessed(mail)


def _report_of(mail: Message) -> Message | None:
    """The part with the fields; some servers forget to call the whole a report."""
    return next(
        (part for part in mail.walk() if part.get_content_subtype() in _REPORTS),
        None,
    )


_REPORTS = ("delivery-status", "global-delivery-status")


def _reported(mail: Message, report: Message) -> Bounce | None:
    """By the fields of each recipient. A letter that reached one of them (an alias of several
    people) has arrived; what is only late is no failure.
    """
    blocks = [block for block in _blocks(report) if _field(block, "action")]
    actions = {_field(block, "action").lower() for block in blocks}
    action: Action = "delayed" if "delayed" in actions else "failed"
    if action not in actions or actions.intersection(_REACHED):
        return None
    block = next(block for block in blocks if _field(block, "action").lower() == action)
    return told(
        action,
        _field(block, "status"),
        _words(_field(block, "diagnostic-code")),
        came_to=_came_to(mail),
        recipient=_recipient(block),
        message_id=_returned_id(mail) or _envelope_id(report),
    )


def _blocks(report: Message) -> list[Message]:
    """The groups of fields. Cut off, or sent as text, they are parsed here."""
    payload = report.get_payload()
    if isinstance(payload, list):
        return [block for block in payload if isinstance(block, Message)]
    decoded = report.get_payload(decode=True)
    text = decoded.decode("utf-8", "replace") if isinstance(decoded, bytes) else str(payload)
    return [email.message_from_string(group) for group in re.split(r"\r?\n[ \t]*\r?\n", text)]


def _status(field: str, diagnostic: str, action: Action) -> str:
    """The more exact of what field and diagnostic say: many write 5.0.0 and then 550 5.1.1."""
    found = [match[0] for text in (field, diagnostic) if (match := _STATUS.search(text))]
    exact = [status for status in found if not status.endswith(".0.0")]
    return next(iter([*exact, *found]), "5.0.0" if action == "failed" else "4.0.0")


def _recipient(block: Message) -> str | None:
    """Whom we wrote to comes before where it was passed on to."""
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        if found := _MAILBOX.search(_field(block, name).partition(";")[2]):
            return found[0]
    return None


def _guessed(mail: Message) -> Bounce | None:
    """Without a report: qmail, Exim, Exchange and others have a prose of their own."""
    temporary, permanent = all_failures(mail)
    failed = permanent or temporary
    if not failed:
        return None
    text = _text(mail)
    return told(
        "failed" if permanent else "delayed",
        "",
        _line_about(text),
        came_to=_came_to(mail),
        recipient=min(failed).decode("utf-8", "replace"),
        message_id=_returned_id(mail) or _id_in(text),
    )


def _says_it_is_automatic(mail: Message) -> bool:
    """A person's program answers our letter (RFC 3834), and nobody tells of its fate. Exim
    calls its own news an answer too, but names whom it could not reach.
    """
    if "x-failed-recipients" in mail:
        return False
    if _field(mail, "auto-submitted").lower().startswith("auto-replied"):
        return True
    return _field(mail, "precedence").lower() == "auto_reply" or "x-autoreply" in mail


def _came_to(mail: Message) -> str:
    """The addresses at which it arrived, and the one the returned letter had left from."""
    named = [value for name in _RECIPIENTS for value in _fields(mail, name)]
    returned = [value for part in _returned(mail) for value in _fields(part, "return-path")]
    return " ".join([*named, *returned])


def _returned_id(mail: Message) -> str | None:
    found = (
        match[0]
        for part in _returned(mail)
        for value in _fields(part, "message-id")
        if (match := _MESSAGE_ID.search(value))
    )
    return next(found, None)


def _envelope_id(report: Message) -> str | None:
    """What we called the letter when we handed it over (RFC 3461: ENVID, in xtext)."""
    written = next((_field(block, "original-envelope-id") for block in _blocks(report)), "")
    plain = re.sub(r"\+([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), written)
    return f"<{plain}>" if "@" in plain else None


def _returned(mail: Message) -> Iterator[Message]:
    """The letter that came back, or its headers alone."""
    for part in mail.walk():
        if part.get_content_type() in ("message/rfc822", "message/global"):
            inner = part.get_payload()
            yield from (one for one in inner if isinstance(one, Message))
        elif part.get_content_subtype() in ("rfc822-headers", "global-headers"):
            decoded = part.get_payload(decode=True)
            if isinstance(decoded, bytes):
                yield email.message_from_bytes(decoded)


def _text(mail: Message) -> str:
    for part in mail.walk():
        if part.get_content_type() == "text/plain":
            decoded = part.get_payload(decode=True)
            if isinstance(decoded, bytes):
                return decoded.decode("utf-8", "replace")
    return ""


def _id_in(text: str) -> str | None:
    """The id of a letter that is returned in the text itself, as qmail does it."""
    found = re.search(r"^message-id:\s*(<[^<>\s]+>)", text, re.IGNORECASE | re.MULTILINE)
    return found[1] if found else None


def _line_about(text: str) -> str:
    """The line that says why: the first with a code in it."""
    lines = [line.strip() for line in text.splitlines()[:_FIRST_LINES]]
    coded = [line for line in lines if _STATUS.search(line) or re.search(r"\b5\d\d\b", line)]
    return next(iter(coded), "it came back without a reason")


def _words(diagnostic: str) -> str:
    """``smtp; 550 5.1.1 …`` without its type."""
    kind, semicolon, words = diagnostic.partition(";")
    return one_line(words if semicolon and " " not in kind.strip() else diagnostic)


def _field(part: Message, name: str) -> str:
    return next(iter(_fields(part, name)), "")


def _fields(part: Message, name: str) -> list[str]:
    """As text, though a header may hold bytes that are none."""
    return [one_line(str(value)) for value in part.get_all(name, [])]
