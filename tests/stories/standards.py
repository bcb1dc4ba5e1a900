"""Is this letter, as it lies in a mailbox, what the standards ask of it?

Each function is named for what it reads, and its docstring says which RFC wants it. A mailbox on
disk has the line ends of its system (LF): what SMTP carried is read from it as CRLF.
"""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_string, policy
from email.errors import NonASCIILocalPartDefect
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime

from tests.servers.received import Received

ONCE = {
    *("from", "to", "subject", "date", "message-id", "mime-version", "content-type"),
    *("auto-submitted", "dkim-signature"),
}
ABOUT_AN_INCIDENT = {
    *("list-id", "list-unsubscribe", "list-unsubscribe-post"),
    *("in-reply-to", "references"),
}
OF_THE_WAY = {"return-path", "x-original-to", "delivered-to", "received"}
"""What Postfix writes on top."""
FOR_PEOPLE = {"from", "to", "subject"}
"""The only headers in which an encoded-word may stand."""
MESSAGE_ID = r"<[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9.-]+>"
ENCODED_WORD = r"=\?[^?\s]+\?[bqBQ]\?[^?\s]*\?="
MOST_BYTES = 30_000


def ours(letter: Received) -> list[tuple[str, str]]:
    """Its header fields as they are written, folded, without those of the way."""
    head = letter.raw.partition(b"\n\n")[0].decode()
    fields = re.findall(r"^([!-9;-~]+):((?:.|\n[ \t])*)$", head, re.MULTILINE)
    return [(name.lower(), value) for name, value in fields if name.lower() not in OF_THE_WAY]


def carried(letter: Received) -> bytes:
    """As SMTP carried it, for whoever checks a signature."""
    return letter.raw.replace(b"\n", b"\r\n")


def holds(letter: Received, *, about_incident: bool) -> None:
    """Everything that can be read from one letter."""
    lines(letter)
    headers(letter, ABOUT_AN_INCIDENT if about_incident else set())
    dates_and_names(letter)
    encoded_words(letter)
    parts(letter)
    text(letter)
    if about_incident:
        listed(letter)
        threaded(letter)


def lines(letter: Received) -> None:
    """RFC 5322 2.1.1 and 2.3: 998 octets at most, no CR and no NUL of its own; one that clips
    no mail program's view.
    """
    assert b"\r" not in letter.raw
    assert b"\0" not in letter.raw
    assert max(map(len, letter.raw.split(b"\n"))) <= 998
    assert letter.raw.partition(b"\n\n")[2].isascii()
    assert len(letter.raw) < MOST_BYTES


def headers(letter: Received, more: set[str]) -> None:
    """RFC 5322 3.6: each once, and none that is not foreseen; RFC 3834 5: nobody's absence
    note answers. ``Precedence`` is no standard's.
    """
    names = [name for name, _ in ours(letter)]
    assert sorted(names) == sorted(ONCE | more)
    assert letter.message["Auto-Submitted"] == "auto-generated"


def dates_and_names(letter: Received) -> None:
    """RFC 5322 3.3, 3.4, 3.6.4."""
    fields = dict(ours(letter))
    sent = parsedate_to_datetime(fields["date"])
    assert abs(datetime.now(UTC) - sent) < timedelta(minutes=2)
    assert re.fullmatch(r" \w{3}, \d\d? \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", fields["date"])
    assert re.fullmatch(MESSAGE_ID, fields["message-id"].strip())
    assert parseaddr(fields["to"])[1] == letter.recipient
    assert "@" in parseaddr(fields["from"])[1]


def encoded_words(letter: Received) -> None:
    """RFC 2047 2 and 5: 75 characters, 76 a line, and none where machines read."""
    for name, value in ours(letter):
        words = re.findall(ENCODED_WORD, value)
        assert "=?" not in re.sub(ENCODED_WORD, "", value), value
        assert not words or name in FOR_PEOPLE, value
        assert all(len(word) <= 75 for word in words)
        first, *more = value.split("\n")
        written = [f"{name}:{first}", *more]
        assert all(len(line) <= 76 for line in written if "=?" in line), value


def parts(letter: Received) -> None:
    """RFC 2045 and 2046: nothing that a parser finds fault with; the plain words first, the
    richest last; quoted-printable of 76 characters a line.
    """
    whole = letter.message
    assert whole["MIME-Version"] == "1.0"
    assert whole.get_content_type() == "multipart/alternative"
    found = list(whole.iter_parts())
    assert [part.get_content_type() for part in found] == ["text/plain", "text/html"]
    for part in found:
        assert part["Content-Transfer-Encoding"] == "quoted-printable"
        assert part.get_content_charset() == "utf-8"
        assert max(map(len, str(part.get_payload()).split("\n"))) <= 76
        assert "\ufffd" not in part.get_content(), "UTF-8 throughout"
    read = message_from_string(letter.raw.decode(), policy=policy.default)
    assert [defect for part in read.walk() for defect in defects(part)] == []


def defects(part: EmailMessage) -> list[object]:
    """What Python's parser finds wrong with a part and with its headers. It takes a mailbox
    beyond ASCII for wrong, which RFC 6532 allows.
    """
    found = [*part.defects, *(one for value in part.values() for one in value.defects)]
    return [one for one in found if not isinstance(one, NonASCIILocalPartDefect)]


def text(letter: Received) -> None:
    """72 characters a line, so that an answer can quote it; addresses stay whole, and only the
    line above a signature ends in a space (RFC 3676 4.3).
    """
    for line in letter.text.splitlines():
        assert len(line) <= 72 or re.fullmatch(r"https://\S+", line), line
        assert line == line.rstrip() or line == "-- ", line


def listed(letter: Received) -> None:
    """RFC 2369, 8058 and 2919: both headers of the one click, HTTPS, inside the signature; an
    id of the list.
    """
    fields = dict(ours(letter))
    assert re.fullmatch(r" <https://[^\s<>,]+>", fields["list-unsubscribe"])
    assert fields["list-unsubscribe-post"] == " List-Unsubscribe=One-Click"
    assert re.fullmatch(r"( [ -~]*)?\n? <[a-z0-9-]+(\.[a-z0-9-]+)+>", fields["list-id"])
    tags = re.sub(r"\s", "", fields["dkim-signature"])
    signed = re.findall(r";h=([^;]*);", tags)[0].lower().split(":")
    assert {"from", "auto-submitted", *ABOUT_AN_INCIDENT} <= set(signed)


def threaded(letter: Received) -> None:
    """RFC 5322 3.6.4: what it belongs to, each a Message-ID; not itself."""
    fields = dict(ours(letter))
    ids = fields["references"].split()
    assert all(re.fullmatch(MESSAGE_ID, one) for one in ids)
    assert fields["in-reply-to"].strip() == ids[-1]
    assert fields["message-id"].strip() not in ids
