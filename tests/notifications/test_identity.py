"""Is a repeated letter recognised, and does an incident stay one thread?"""

import re

import pytest

from notifications.identity import message_id, thread_id

FORM = re.compile(r"<[a-z2-7]{26}@[a-z0-9.-]+>")


def test_the_same_letter_bears_the_same_id_and_another_never_does() -> None:
    seen = {
        make(about, subscriber, "status.acme.example")
        for make in (message_id, thread_id)
        for about in (1, 11, "a", "a1")
        for subscriber in (1, 11, "1", "b")
    }
    assert len(seen) == 2 * 4 * 3  # 1 and "1" are one subscriber
    assert all(FORM.fullmatch(one) for one in seen)
    assert message_id(7, 8, "x.example") == message_id("7", "8", "x.example")


def test_ids_do_not_run_together() -> None:
    assert message_id("12", "3", "x.example") != message_id("1", "23", "x.example")


@pytest.mark.parametrize(
    ("domain", "written"),
    [("status.acme.example", "status.acme.example"), ("bücher.example", "xn--bcher-kva.example")],
)
def test_the_domain_is_written_in_ascii(domain: str, written: str) -> None:
    assert message_id(1, 2, domain).endswith(f"@{written}>")


def test_nobody_reads_an_address_from_an_id() -> None:
    assert "ada" not in message_id(1, "ada@example.org", "x.example")
