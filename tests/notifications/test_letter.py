"""Are the letters those that a reviewer has read, and can nobody break out of them?"""

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from quopri import encodestring

import pytest

from notifications.changes import Action, Credit
from notifications.facts import (
    ActionsDone,
    Affected,
    Facts,
    IncidentFacts,
    Merged,
    Noticed,
    Over,
    Postmortem,
    Said,
    Site,
    Worded,
    Words,
)
from notifications.language import available, load
from notifications.letter import Letter, personal, write
from notifications.mime import message
from notifications.plain import PLACE_CLOSES, PLACE_OPENS
from notifications.sheet import PLACES as NAMES
from tests.notifications.examples import (
    APPLIED,
    BY_CODE,
    CASES,
    ENGLISH_ONLY,
    EXAMPLES,
    INCIDENT,
    LETTERS,
    NOTICED,
    OVER,
    PLACES,
    POSTMORTEM,
    SITE,
    SLOWLY,
    START,
    WORDED,
    after,
    golden,
    letter,
)
from tests.notifications.parcels import PARCEL

EN, IT = load("en"), load("it")
HEADINGS = {
    "en": ("What happened", "What we are doing", "How we will prevent a repeat"),
    "it": ("Che cosa è successo", "Che cosa stiamo facendo", "Come eviteremo che si ripeta"),
}
NO_OUTAGES = ("confirm", "canary", "hook-", "maintenance-", "merged-one-maintenance")
OUTAGES = [(name, code) for name, code in CASES if not name.startswith(NO_OUTAGES)]
AHEAD = {
    "en": ("When", "What we do", "What you may notice"),
    "it": ("Quando", "Che cosa facciamo", "Che cosa potrà notare"),
}
DID_HEADING = {"en": "What we did", "it": "Che cosa abbiamo fatto"}
EVIL = "</p><script>alert(1)</script>\"' onload=x <img src=http://evil.example/x> {{ 7*7 }} {0}"


class Page(HTMLParser):
    """The tags and links of a letter, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.languages: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        self.languages += [value or "" for name, value in attrs if name == "lang"]

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & set(self.open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def worded(words: Words, **more: object) -> Worded:
    return replace(WORDED, said=Said(words=words, language="en"), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "code"), CASES)
def test_the_text_is_the_one_that_was_read(name: str, code: str) -> None:
    """`python -m tests.notifications.examples` writes them anew; read them before committing."""
    assert golden(name, code) == (LETTERS / f"{name}.{code}.txt").read_text(encoding="utf-8")


def test_no_letter_is_kept_that_nobody_writes() -> None:
    kept = {path.name for path in LETTERS.iterdir()}
    assert kept == {f"{name}.{code}.txt" for name, code in CASES}


@pytest.mark.parametrize(("name", "code"), [case for case in OUTAGES if case[0] != "actions-done"])
def test_the_three_parts_stand_in_their_order_in_both_forms(name: str, code: str) -> None:
    written = letter(name, code)
    happened, doing, prevent = HEADINGS[code]
    second = DID_HEADING[code] if "postmortem" in name else doing
    for form in (written.text, Page(written.html).text):
        places = [form.find(heading) for heading in (happened, second, prevent)]
        assert -1 not in places
        assert places == sorted(places)


@pytest.mark.parametrize("code", available())
def test_work_that_is_planned_is_told_by_when_what_and_what_is_noticed(code: str) -> None:
    written = letter("maintenance-announced", code)
    for form in (written.text, Page(written.html).text):
        places = [form.find(heading) for heading in AHEAD[code]]
        assert -1 not in places
        assert places == sorted(places)


@pytest.mark.parametrize("code", available())
def test_an_outage_stands_before_planned_work_in_one_letter(code: str) -> None:
    text = letter("merged-incident-and-maintenance", code).text
    assert 0 <= text.find(HEADINGS[code][0]) < text.find(AHEAD[code][0])


def _words(text: str) -> Counter[str]:
    words = (word.rstrip(":") for word in text.split())
    return Counter(word for word in words if word.strip("=-·■▲●◆") and "https:" not in word)


@pytest.mark.parametrize(("name", "code"), CASES)
def test_text_and_html_say_the_same(name: str, code: str) -> None:
    written = letter(name, code)
    assert _words(written.text) == _words(Page(written.html).text)


@pytest.mark.parametrize(("name", "code"), CASES)
def test_lines_are_short_and_links_stand_alone(name: str, code: str) -> None:
    for line in letter(name, code).text.splitlines():
        assert len(line) <= 72 or line.startswith("https://")
        assert "https://" not in line.removeprefix("https://")
        assert line.startswith("https://") == ("https://" in line)


@pytest.mark.parametrize(("name", "code"), CASES)
def test_html_asks_nothing_of_the_network_and_is_small(name: str, code: str) -> None:
    html = letter(name, code).html
    page = Page(html)
    assert len(html.encode()) < 30_000
    assert not {"img", "script", "link", "iframe", "form", "svg", "input"} & set(page.tags)
    assert all(link.startswith("https://status.acme.example/") for link in page.links)
    assert "url(" not in html
    assert "@import" not in html
    assert "prefers-color-scheme:dark" in html
    assert f'<html lang="{code}">' in html


@pytest.mark.parametrize(("name", "code"), OUTAGES)
def test_every_letter_says_how_to_choose_and_how_to_stop(name: str, code: str) -> None:
    written = letter(name, code)
    for place in ("manage_url", "unsubscribe_url"):
        assert f"\n{PLACES[place]}\n" in written.text
        assert PLACES[place] in Page(written.html).links


@pytest.mark.parametrize(("name", "code"), CASES)
def test_nothing_is_demanded(name: str, code: str) -> None:
    text = letter(name, code).text.casefold()
    for demand in ("please", "survey", "reply", "risponda", "log in", "acced", "within", "must "):
        assert demand not in text


def test_no_letter_says_that_people_are_on_it_before_one_said_so() -> None:
    waiting = personal(write(NOTICED, SITE, EN), PLACES).text
    on_it = personal(write(replace(NOTICED, acknowledged=True), SITE, EN), PLACES).text
    assert "called our team" in waiting
    assert "working on it" not in waiting
    assert "working on it" in on_it


@pytest.mark.parametrize("code", ["en", "it"])
def test_no_letter_says_that_somebody_was_called_where_there_is_nobody_to_call(code: str) -> None:
    told = write(replace(NOTICED, called=False), SITE, load(code))
    assert load(code).text("letters.noticed.uncalled") in told.text.replace("\n", " ")
    assert load(code).text("letters.noticed.called") not in told.text


def test_the_reader_gets_the_translation_or_is_told_once_that_there_is_none() -> None:
    translated = write(WORDED, SITE, IT).text
    assert "Due tecnici" in translated
    assert "Two engineers" not in translated
    assert "inglese" not in translated
    foreign = write(SLOWLY, SITE, IT)
    assert foreign.text.count("in inglese") == 1
    assert "Two engineers" in foreign.text
    assert Page(foreign.html).languages.count("en") >= 2
    assert "written" not in write(SLOWLY, SITE, EN).text


@pytest.mark.parametrize("code", ["de", "fr", "ja", "xx", ""])
def test_a_language_without_a_file_still_has_a_name_for_the_reader(code: str) -> None:
    facts = replace(SLOWLY, said=replace(ENGLISH_ONLY, language=code))
    assert "The words of our team are in " in write(facts, SITE, EN).text


def test_what_customers_notice_is_told_in_the_best_language_there_is() -> None:
    shop = Affected(name="Negozio", when_down={"de": "Keine Bestellungen."})
    facts = replace(NOTICED, incident=replace(INCIDENT, affected=(shop,)))
    written = write(facts, SITE, IT)
    assert written.subject == "Negozio: Keine Bestellungen"
    assert "de" in Page(written.html).languages


@pytest.mark.parametrize(
    ("name", "sentence", "subject"),
    [
        ("Shop", "You cannot order.", "Shop: you cannot order"),
        ("Shop", "PayPal is refused.", "Shop: PayPal is refused"),
        ("Shop", "Acme Pay is refused.", "Shop: Acme Pay is refused"),
        ("Shop", "Shop is closed for now.", "Shop is closed for now"),
        ("The shop\r\nBcc: x", "No orders.", "The shop Bcc: x: no orders"),
        ("Shop", "", "Shop: not available at the moment"),
    ],
)
def test_the_subject_says_what_customers_notice(name: str, sentence: str, subject: str) -> None:
    shop = Affected(name=name, when_down={"en": sentence})
    facts = replace(NOTICED, incident=replace(INCIDENT, affected=(shop,)))
    assert write(facts, SITE, EN).subject == subject


def test_one_composition_serves_all_readers() -> None:
    composed = write(NOTICED, SITE, EN)
    assert PLACES["manage_url"] not in composed.text
    ada = personal(composed, {**PLACES, "manage_url": "https://status.acme.example/m/ada?a=1&b=2"})
    bob = personal(composed, {**PLACES, "manage_url": "https://status.acme.example/m/bob"})
    assert "/m/ada?a=1&b=2\n" in ada.text
    assert "/m/ada?a=1&amp;b=2" in ada.html
    assert "/m/ada" not in bob.text + bob.html
    assert not re.search(f"[{PLACE_OPENS}{PLACE_CLOSES}]", ada.text + ada.html + ada.subject)


def test_a_place_that_nobody_gave_is_an_error() -> None:
    with pytest.raises(KeyError):
        personal(write(NOTICED, SITE, EN), {"manage_url": "https://x.example/"})


def test_a_place_can_break_out_of_nothing() -> None:
    places = dict.fromkeys(NAMES, '"><script>x</script>\r\nBcc: a')
    hostile = personal(write(NOTICED, SITE, EN), places)
    assert "script" not in Page(hostile.html).tags
    assert "\r" not in hostile.text


def test_words_cannot_forge_a_personal_place() -> None:
    forged = "".join(f"{PLACE_OPENS}{name}{PLACE_CLOSES} " for name in NAMES)
    facts = worded(Words(what_happened=f"See {forged}", what_we_are_doing="-"))
    written = personal(write(facts, replace(SITE, name=f"Acme {forged}"), EN), PLACES)
    assert written.text.count(PLACES["unsubscribe_url"]) == 1
    assert PLACES["confirm_url"] not in written.text
    assert "See confirm_url" in written.text


def evil_everywhere() -> list[Facts]:
    words = Words(what_happened=EVIL, what_we_are_doing=EVIL, how_we_prevent_it=EVIL)
    incident = IncidentFacts(
        id=EVIL,
        url=f"https://status.acme.example/{EVIL}",
        started_at=START,
        impact=EVIL,
        name=EVIL,
        language=EVIL,
        affected=(Affected(name=EVIL, when_down={"en": EVIL}, still_works={EVIL: EVIL}),) * 2,
    )
    said = Said(words=words, language=EVIL, translations={"it": words})
    action = Action(text=EVIL, language=EVIL, due=START.date(), translations={"it": EVIL})
    return [
        Postmortem(
            incident=incident,
            ended_at=after(2),
            said=said,
            said_at=after(3),
            actions=(action,),
            credit=Credit(kind="applied", text=EVIL, language=EVIL),
        ),
        ActionsDone(incident=incident, said_at=after(9), actions=(action,)),
        Worded(incident=incident, status="identified", said=said, said_at=after(1)),
        Over(incident=incident, ended_at=after(2), automatic=False, said_at=after(2), said=said),
        Noticed(
            incident=replace(incident, name=None),
            acknowledged=True,
            next_word_at=after(9),
            said_at=after(1),
        ),
    ]


@pytest.mark.parametrize("code", available())
@pytest.mark.parametrize("facts", evil_everywhere(), ids=lambda facts: facts.occasion)
def test_no_word_breaks_out_of_html(facts: Facts, code: str) -> None:
    site = Site(
        name=EVIL,
        url="https://status.acme.example",
        contact_email=EVIL,
        contact_phone=EVIL,
        contact_hours=EVIL,
    )
    page = Page(personal(write(facts, site, load(code)), PLACES).html)
    assert not {"script", "img"} & set(page.tags)
    assert "alert(1)" in page.text
    assert "{{ 7*7 }} {0}" in page.text
    assert all(
        link.startswith(("https://status.acme.example/", "http://evil")) for link in page.links
    )


@pytest.mark.parametrize("status", ["investigating", "identified", "monitoring", "resolved"])
def test_every_status_has_its_words(status: str) -> None:
    for language in (EN, IT):
        assert write(replace(WORDED, status=status), SITE, language).subject


def test_repaired_is_not_told_as_still_down() -> None:
    text = write(replace(WORDED, status="monitoring"), SITE, EN).text
    assert "cannot place orders" not in text


def test_the_end_says_since_when_until_when_and_how_long() -> None:
    facts = replace(OVER, ended_at=START + timedelta(hours=2, minutes=5), said_at=after(130))
    written = write(facts, SITE, EN)
    assert "from 14:02 CET to 16:07 CET: 2 hours and 5 minutes." in " ".join(written.text.split())


def test_bare_links_become_clickable_and_nothing_else_does() -> None:
    said = "See https://example.org/a?b=1&c=2, or javascript:alert(1) and www.example.net."
    links = Page(
        write(worded(Words(what_happened=said, what_we_are_doing="-")), SITE, EN).html
    ).links
    assert "https://example.org/a?b=1&c=2" in links
    assert not [link for link in links if "javascript" in link or "www" in link]


def test_a_very_long_word_stays_whole() -> None:
    word = "x" * 5000
    written = write(worded(Words(what_happened=word, what_we_are_doing="-")), SITE, EN)
    assert word in written.text.splitlines()


@pytest.mark.parametrize("code", available())
def test_nothing_is_asked_of_who_is_given_something(code: str) -> None:
    for credit in (APPLIED, BY_CODE):
        facts = replace(POSTMORTEM, actions=(), credit=replace(credit, text="-", translations={}))
        text = personal(write(facts, SITE, load(code)), PLACES).text.casefold()
        for string in ("until", "valid", "expire", "entro", "scade il", "fino al", "redeem", "if "):
            assert string not in text.split("http")[0]


def test_each_code_of_a_merged_letter_is_its_own_incidents() -> None:
    other = replace(INCIDENT, id="z3j2h1g4f5d6")
    given = replace(POSTMORTEM, credit=BY_CODE)
    both = Merged(parts=(given, replace(given, incident=other, said_at=after(4 * 24 * 60))))
    codes = {"credit_code:k3j2h1g4f5d6": "AAA&A", "credit_code:z3j2h1g4f5d6": "ZZZZ"}
    written = personal(write(both, SITE, EN), PLACES | codes)
    for form in (written.text, Page(written.html).text):
        assert form.index("ZZZZ") < form.index("AAA&A"), "each with its own, the newest first"
    with pytest.raises(KeyError):
        personal(write(both, SITE, EN), PLACES)


def test_that_all_is_done_leaves_the_postmortem_whole() -> None:
    did = tuple(replace(action, done=action.due) for action in POSTMORTEM.actions)
    done = ActionsDone(incident=INCIDENT, said_at=after(24 * 24 * 60), actions=did)
    text = write(Merged(parts=(POSTMORTEM, done)), SITE, EN).text
    assert text.index("we promised; it is done") < text.index("we learned")
    assert "compared every order of that hour" in " ".join(text.split())


def test_letters_are_values() -> None:
    assert write(NOTICED, SITE, EN) == write(NOTICED, SITE, EN)
    assert isinstance(letter("noticed", "en"), Letter)
    assert set(EXAMPLES) == {name for name, _ in CASES}


@pytest.mark.parametrize(
    ("code", "title"), [("en", "Shop: disruption"), ("it", "Shop: disservizio")]
)
def test_what_works_in_part_is_not_said_to_be_out(code: str, title: str) -> None:
    told = replace(WORDED, incident=replace(INCIDENT, impact="major"), said=None)
    text = write(told, SITE, load(code)).text
    assert text.startswith(title)
    assert "cannot place orders" not in text
    assert "non è possibile fare ordini" not in text


@pytest.mark.parametrize("code", available())
@pytest.mark.parametrize("text", ["word " * 4000, "però così è " * 1600, "長い" * 10_000])
def test_however_much_was_written_the_letter_is_under_30_kb(code: str, text: str) -> None:
    long = Words(what_happened=text, what_we_are_doing=text, how_we_prevent_it=text)
    told = worded(long)
    both = Merged(parts=(told, replace(told, incident=replace(INCIDENT, id="another"))))
    for facts in (told, both):
        written = personal(write(facts, SITE, load(code)), PLACES)
        sent = message(replace(PARCEL, text=written.text, html=written.html))
        assert len(sent) < 30_000
        assert load(code).text("words.more") in " ".join(written.text.split())
        assert text[:40].strip() in Page(written.html).text, "as much as there is room for"
        assert HEADINGS[code][2] in written.text


def test_what_is_of_a_usual_length_is_not_cut() -> None:
    text = "Three hundred words, which is a long letter already. " * 35
    written = write(worded(Words(what_happened=text, what_we_are_doing=text)), SITE, EN)
    assert EN.text("words.more") not in written.text


def test_a_postmortem_of_the_longest_texts_is_still_small() -> None:
    """As long as the API takes them."""
    words = "A disk was full of old backups. " * 620
    action = Action(text="We move the old backups. " * 12, language="en", due=START.date())
    facts = replace(
        POSTMORTEM,
        said=Said(
            words=Words(what_happened=words, what_we_are_doing=words, how_we_prevent_it=words),
            language="en",
        ),
        actions=(action,) * 20,
        credit=replace(BY_CODE, text="One delivery costs nothing. " * 35, translations={}),
    )
    written = personal(write(facts, SITE, EN), PLACES)
    assert len(encodestring(written.html.encode())) < 30_000
    assert " ".join(written.text.split()).count("We move the old backups.") == 20 * 12
    assert "ACME-7F3K-Q2PM" in written.text


def test_name_and_button_wear_the_company_s_colour_by_day_and_by_night() -> None:
    told = EXAMPLES["confirm-all"]
    plain = write(told, SITE, EN).html
    assert "#0b5fa5" not in plain
    html = write(told, replace(SITE, accent=("#0b5fa5", "#8cc4f5")), EN).html
    name = re.search(r'<p class="from" style="([^"]*)"', html)
    button = re.search(r'<td class="button" style="([^"]*)"', html)
    assert name
    assert button
    assert "color: #0b5fa5" in name[1]
    assert "background: #0b5fa5" in button[1]
    [night] = re.findall(r"@media.*?</style>", html, re.DOTALL)
    assert re.search(r"\.from\s*{\s*color:\s*#8cc4f5", night)
    assert re.search(r"\.button\s*{\s*background:\s*#8cc4f5", night)
