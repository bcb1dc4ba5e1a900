"""What a model refused is told in plain words: the value, and what may stand there."""

from __future__ import annotations

import pytest

from tests.statuspage.settings.files import SHOP, SITE, SMALLEST, mistakes

DURATION = 'a positive number and ms, s, m, h or d, such as "500ms", "15s" or "1.5h"'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[mail]\nconnections = 0", "mail.connections: 0 is too small; allowed: 1 or more"),
        ("[mail]\nconnections = 999", "mail.connections: 999 is too large; allowed: 256 or less"),
        ("[mail]\nconnections = true", "mail.connections: true is not a number; allowed: a number"),
        (
            "[mail]\nconnections = 1.5",
            "mail.connections: 1.5 is not a whole number; allowed: a whole number",
        ),
        (
            "[mail]\nmax_per_second = inf",
            "mail.max_per_second: Infinity is not a number; allowed: a number",
        ),
        ("[mail]\nreply_to = 3", "mail.reply_to: 3 is not text; allowed: text in quotes"),
        ("mail = 3", "mail: 3 is not a table; allowed: a table of keys and values"),
        (
            "[mail]\nsever = 3",
            (
                'mail.sever: is an unknown key, did you mean "server"?;'
                " allowed: canary, canary_imap, canary_maildir, connections,"
                " dkim, from, max_per_second, oauth_token_file, per_domain,"
                " reply_to, second_server, server"
            ),
        ),
        (
            "[mail]\nsender = ''",
            (
                'mail.sender: is an unknown key, did you mean "server"?;'
                " allowed: canary, canary_imap, canary_maildir, connections,"
                " dkim, from, max_per_second, oauth_token_file, per_domain,"
                " reply_to, second_server, server"
            ),
        ),
        (
            "[letters]\nsecond_reader = 'perhaps'",
            'letters.second_reader: "perhaps" is not true or false; allowed: true or false',
        ),
        (
            "[letters]\nautomatic = 'no'",
            (
                'letters.automatic: "no" is not known here;'
                " allowed: 'after_first_after', 'after_acknowledge' or 'never'"
            ),
        ),
        (
            "[letters]\nundo = 10",
            f"letters.undo: 10 is not a duration; allowed: {DURATION}",
        ),
        (
            "[letters]\nundo = '0s'",
            f'letters.undo: "0s" is not a duration; allowed: {DURATION}',
        ),
        (
            "[letters]\nholding_pauses = ['4h', 'x']",
            f'letters.holding_pauses[1]: "x" is not a duration; allowed: {DURATION}',
        ),
        ("[letters]\nholding_pauses = []", "letters.holding_pauses: is empty; allowed: at least 1"),
        (
            "[letters]\nholding_pauses = '4h'",
            'letters.holding_pauses: "4h" is not a list; allowed: a list in brackets',
        ),
        (
            "[checks]\nreference = ['192.0.2.1:53']",
            (
                'checks.reference[0]: "192.0.2.1:53" is not a target;'
                " allowed: tcp://host:port, like tcp://192.0.2.1:53"
            ),
        ),
        (
            '[letters]\n"od d" = 1',
            'letters."od d": is an unknown key; allowed: ',
        ),
    ],
)
def test_a_mistake_in_a_table(text: str, told: str) -> None:
    top = text if not text.startswith("[") else ""
    below = "" if top else text
    (found,) = mistakes(f"{top}\n{SMALLEST}\n{below}\n")
    assert found == told or (told.endswith("allowed: ") and found.startswith(told))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("slo = 0", "components[0].slo: 0 is too small; allowed: more than 0"),
        ("slo = 100.1", "components[0].slo: 100.1 is too large; allowed: 100 or less"),
        ("slo = true", "components[0].slo: true is not a number; allowed: a number"),
        (
            "hosts = ['https://a.b']",
            (
                'components[0].hosts[0]: "https://a.b" is not a host name;'
                " allowed: a name without scheme, port or path"
            ),
        ),
        (
            "when_down = { xx = 'a' }",
            ('components[0].when_down: "xx" is not a language that we speak; allowed: en, it'),
        ),
        ("when_down = { it = '' }", "components[0].when_down.it: is empty; allowed: some text"),
        (
            "group = 'a\\nb'".replace("'", '"'),
            (
                'components[0].group: "a\\nb" has a line break or'
                " control character; allowed: text on one line"
            ),
        ),
        (
            "depends_on = ['Db']",
            (
                'components[0].depends_on[0]: "Db" is not an id;'
                " allowed: 1 to 64 of a-z, 0-9 and -, like orders-db"
            ),
        ),
        (
            "first_after = '1w'",
            (f'components[0].first_after: "1w" is not a duration; allowed: {DURATION}'),
        ),
    ],
)
def test_a_mistake_in_a_component(line: str, told: str) -> None:
    assert mistakes(f"{SITE}{SHOP}{line}\n") == [told]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("host = 'x'", "kind: is missing; allowed: "),
        ("kind = 'htp'", 'kind: "htp" is no kind of check, did you mean "http"?; allowed: '),
        ("kind = 'tcp'\nhost = 'x'", "port: is missing"),
        ("kind = 'tcp'\nhost = 'x'\nport = 'y'", 'port: "y" is not a whole number'),
        ("kind = 'tcp'\nhost = 'x'\nport = 1\nprobe = 1", "probe: is an unknown key"),
        ("kind = 'tcp'\nhost = 'x'\nport = 1\ninterval = 'x'", 'interval: "x" is not a duration'),
        ("kind = 'tcp'\nhost = 'x'\nport = 1\nid = 'a b'", 'id: "a b" is not an id'),
        ("kind = 'http'\nurl = 'ftp://x'", "url: the value is wrong: "),
        ("kind = 'http'\nurl = 'http://x'\nmax_time = '3'", 'max_time: "3" is not a duration'),
        (
            "kind = 'http'\nurl = 'http://x'\nexpect_status = [9]",
            "expect_status[0]: 9 is too small",
        ),
    ],
)
def test_a_mistake_in_a_check_is_told_at_its_own_key(lines: str, told: str) -> None:
    (found,) = mistakes(f"{SITE}{SHOP}[[components.checks]]\n{lines}\n")
    assert found.startswith(f"components[0].checks[0].{told}")


def test_an_unknown_key_of_a_check_is_shown_all_that_its_kind_knows() -> None:
    text = f"{SITE}{SHOP}[[components.checks]]\nkind = 'tcp'\nhost = 'x'\nport = 1\nprot = 1\n"
    assert mistakes(text) == [
        (
            'components[0].checks[0].prot: is an unknown key, did you mean "port"?;'
            " allowed: host, id, interval, kind, port, server, timeout"
        )
    ]


def test_a_long_value_is_not_quoted_in_full() -> None:
    (found,) = mistakes(SMALLEST + f'[letters]\nautomatic = "{"x" * 500}"\n')
    assert len(found) < 250
