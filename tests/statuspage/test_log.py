"""Is nobody named, whoever writes the line?"""

import logging
import os

import pytest

from statuspage.log import Discreet, without_people


def look_up(who: str) -> None:
    try:
        os.environ[who]
    except KeyError as error:
        raise ValueError(f"{who} has no mailbox") from error


def test_an_exception_is_told_by_kind_and_place_alone() -> None:
    with pytest.raises(ValueError, match="Anna") as raised:
        look_up("Anna Bianchi")
    caught = (raised.type, raised.value, raised.tb)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "It failed.", (), caught)
    told = Discreet("%(message)s").format(record)
    assert "Bianchi" not in told.replace('look_up("Anna Bianchi")', "")
    assert "builtins.ValueError\nbecause of\n" in told
    assert told.endswith("builtins.KeyError")
    assert "test_log.py" in told


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("no such user <anna@example.org>", "no such user <(address)>"),
        ("GET /subscribers?address=a%40b.example&x=1", "GET /subscribers?address=(address)&x=1"),
        ("POST https://u:p@hooks.example/T0/x?y=z 500", "POST https://hooks.example/(path) 500"),
        ("signed by whsec_abc+/=", "signed by (secret)"),
        ("GET /unsubscribe/AAAAAAAAAAAAAAAAAAAAAA", "GET /unsubscribe/(code)"),
        (f"token av_{'x' * 43}.", "token (secret)."),
    ],
)
def test_what_looks_like_somebody_is_taken_out(line: str, left: str) -> None:
    assert without_people(line) == left


@pytest.mark.parametrize(
    "line",
    [
        "Ready: http://127.0.0.1:8000/",
        "publish failed and is tried again.",
        'File "/srv/avviso/statuspage/app.py", line 3, in build',
    ],
)
def test_all_else_stays(line: str) -> None:
    assert without_people(line) == line
