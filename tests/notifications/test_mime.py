"""Are the bytes of a letter what the standards and the big mailboxes demand?"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from notifications.channel import Parcel
from notifications.mime import mailbox, message

PARCEL = Parcel(
    sender="Acme status <status@acme.example>",
    recipient="ada@example.org",
    reply_to="help@acme.example",
    subject="Shop: you cannot place orders at the moment",
    text="Però\n\nIt is over.\n",
    html="<p>Però</p>",
    message_id="<aaaaaaaaaaaaaaaaaaaaaaaaaa@status.acme.example>",
    references=("<tttttttttttttttttttttttttt@status.acme.example>",),
    list_id="Acme status <status.acme.example>",
    unsubscribe_url="https://status.acme.example/unsubscribe/st0pst0pst0pst0pst0ps0",
    sent_at=datetime(2026, 11, 23, 13, 2, tzinfo=UTC),
)
LONG = "https://status.acme.example/unsubscribe/" + "t0ken" * 60
ITALIAN = (
    "Il negozio è di nuovo raggiungibile: perché è accaduto, e che cosa abbiamo già cambiato "
    "affinché la difficoltà non si ripeta né oggi né più in là"
)


def header_of(raw: bytes) -> str:
    return raw.partition(b"\r\n\r\n")[0].decode("utf-8")


def parsed(parcel: Parcel) -> EmailMessage:
    return message_from_bytes(message(parcel), policy=policy.default)


def test_a_letter_has_all_headers_once() -> None:
    names = [line.partition(":")[0] for line in header_of(message(PARCEL)).split("\r\n")]
    names = [name for name in names if not name.startswith(" ")]
    assert sorted(names) == sorted(
        [
            "From",
            "To",
            "Reply-To",
            "Subject",
            "Date",
            "Message-ID",
            "In-Reply-To",
            "References",
            "Auto-Submitted",
            "List-Id",
            "List-Unsubscribe",
            "List-Unsubscribe-Post",
            "MIME-Version",
            "Content-Type",
        ]
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("From", "Acme status <status@acme.example>"),
        ("To", "ada@example.org"),
        ("Reply-To", "help@acme.example"),
        ("Date", "Mon, 23 Nov 2026 13:02:00 +0000"),
        ("Message-ID", PARCEL.message_id),
        ("References", PARCEL.references[0]),
        ("In-Reply-To", PARCEL.references[0]),
        ("Auto-Submitted", "auto-generated"),
        ("List-Unsubscribe", f"<{PARCEL.unsubscribe_url}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ],
)
def test_headers_as_a_mail_program_reads_them(name: str, value: str) -> None:
    assert parsed(PARCEL)[name] == value


def test_a_letter_that_cannot_be_stopped_says_nothing_of_stopping() -> None:
    plain = header_of(message(replace(PARCEL, unsubscribe_url=None, list_id=None, references=())))
    for name in ("List-", "References", "In-Reply-To", "Precedence"):
        assert name not in plain


def test_what_machines_read_is_never_encoded_nor_broken() -> None:
    thread = f"<{'t' * 200}@status.acme.example>"
    parcel = replace(PARCEL, unsubscribe_url=LONG, references=(thread, thread), message_id=thread)
    head = header_of(message(parcel))
    assert f"\r\nList-Unsubscribe: <{LONG}>\r\n" in head
    assert f"\r\nReferences: {thread}\r\n {thread}\r\n" in head
    assert f"\r\nMessage-ID: {thread}\r\n" in head
    assert "=?" not in head


@pytest.mark.parametrize("subject", [ITALIAN, "è" * 300, "📦" * 120, "日本語" * 80, "x" * 900])
def test_a_long_subject_is_folded_into_words_of_75_at_most(subject: str) -> None:
    raw = message(replace(PARCEL, subject=subject))
    words = re.findall(r"=\?[^?]+\?[bq]\?[^?]*\?=", header_of(raw))
    assert all(len(word) <= 75 for word in words)
    assert words or subject.isascii()
    assert parsed(replace(PARCEL, subject=subject))["Subject"] == subject


@pytest.mark.parametrize(
    "parcel",
    [
        replace(PARCEL, text="x" * 5000 + "\n", html="<p>" + "è" * 5000 + "</p>"),
        replace(PARCEL, unsubscribe_url=LONG, subject="y" * 950),
        replace(PARCEL, sender=f"{'Acme è ' * 60}<status@acme.example>"),
    ],
    ids=["body", "headers", "name"],
)
def test_no_line_is_longer_than_998_and_all_is_ascii(parcel: Parcel) -> None:
    raw = message(parcel)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_both_parts_say_what_they_were_given() -> None:
    letter = parsed(PARCEL)
    assert letter.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in letter.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    plain = letter.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n") == "Però\n\nIt is over.\n"


def test_a_call_is_plain_text_alone() -> None:
    assert parsed(replace(PARCEL, html=None)).get_content_type() == "text/plain"


@pytest.mark.parametrize("break_", ["\r\nBcc: eve@example.org", "\nBcc: e@e.org", "\0", "\u2028x"])
@pytest.mark.parametrize(
    "field",
    ["sender", "recipient", "reply_to", "message_id", "references", "list_id", "unsubscribe_url"],
)
def test_no_header_is_injected_where_addresses_and_ids_stand(field: str, break_: str) -> None:
    value = getattr(PARCEL, field)
    bad: object = (value[0] + break_,) if isinstance(value, tuple) else value + break_
    fields: Mapping[str, object] = {field: bad}
    with pytest.raises(ValueError, match="mail header"):
        message(replace(PARCEL, **fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "word", ["=?utf-8?q?=0D=0ABcc:eve@x.example?=", "=?utf-8?b?DQpCY2M6IGV2ZQ==?=", "=?x?", "=?"]
)
def test_what_looks_like_an_encoded_word_is_read_as_it_was_written(word: str) -> None:
    """Python would decode it, line break and all, and then refuse the whole letter."""
    strange = replace(PARCEL, subject=f"{word}: over", list_id=f"{word} <status.acme.example>")
    assert re.search(r"^Bcc", header_of(message(strange)), re.MULTILINE) is None
    read = parsed(strange)
    assert read["Subject"] == f"{word}: over"
    assert read["Bcc"] is None


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\u2028", "\u2029", "\x85", "\0", "\x0b"])
def test_no_header_is_injected_by_a_subject(break_: str) -> None:
    raw = message(replace(PARCEL, subject=f"Shop{break_}Bcc: eve@example.org"))
    assert not re.search(rb"^bcc:", raw.partition(b"\r\n\r\n")[0], re.IGNORECASE | re.MULTILINE)
    assert parsed(replace(PARCEL, subject=f"Shop{break_}Bcc: x"))["Bcc"] is None


@pytest.mark.parametrize(
    ("address", "bare"),
    [
        ("ada@example.org", "ada@example.org"),
        ("Ada <ada+x@Example.org>", "ada+x@Example.org"),
        ("Acme, S.p.A. <a@b.example>", "a@b.example"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ädä@example.org", "ädä@example.org"),
    ],
)
def test_mailboxes(address: str, bare: str) -> None:
    assert mailbox(address) == bare


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "a b@c.org",
        "a@b.org, c@d.org",
        "a@b.org> SIZE=1",
        "a@b\r\n",
    ],
)
def test_what_is_no_mailbox_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="mail header"):
        mailbox(address)


def test_names_with_commas_and_other_alphabets_survive() -> None:
    for name in ("Acme, S.p.A.", "Acme «stato» è qui", "アクメ", 'Acme "Status"'):
        sender = parsed(replace(PARCEL, sender=f"{name} <status@acme.example>"))["From"]
        assert sender.addresses[0].addr_spec == "status@acme.example"
        assert sender.addresses[0].display_name.replace('"', "") == name.replace('"', "")


def test_a_mailbox_beyond_ascii_is_written_in_utf8() -> None:
    raw = message(replace(PARCEL, recipient="ädä@example.org"))
    assert "\r\nTo: ädä@example.org\r\n" in header_of(raw)


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("status.acme.example", "<status.acme.example>"),
        ("Acme <status.acme.example>", "Acme\r\n <status.acme.example>"),
        ("Però <status.acme.example>", "<status.acme.example>"),
    ],
)
def test_a_list_id_is_never_encoded(given: str, written: str) -> None:
    assert f"\r\nList-Id: {written}\r\n" in header_of(message(replace(PARCEL, list_id=given)))
