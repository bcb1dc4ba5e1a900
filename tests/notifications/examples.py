"""Which letters do the tests, and a reviewer, read?

An hour of Acme's shop. `python -m tests.notifications.examples` writes the texts anew into
`letters/`, to be read before they are committed.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from notifications.changes import Action, Credit
from notifications.facts import (
    ActionsDone,
    Affected,
    Corrected,
    Facts,
    Holding,
    IncidentFacts,
    MaintenanceFacts,
    Merged,
    Noticed,
    Over,
    Planned,
    Postmortem,
    Record,
    Said,
    Site,
    Title,
    Worded,
    Words,
)
from notifications.language import available, load
from notifications.letter import Letter, personal, write
from notifications.personal_facts import Canary, Confirm, ConfirmHook, HookResting
from notifications.rhythm import Rhythm
from notifications.sheet import ALL_READERS, Readers

LETTERS = Path(__file__).parent / "letters"
START = datetime(2026, 11, 23, 13, 2, tzinfo=UTC)
PLACES = {
    "hook_host": "hooks.example.org",
    "confirm_url": "https://status.acme.example/subscriptions/c0nf1rmc0nf1rmc0nf1rm0",
    "manage_url": "https://status.acme.example/subscriptions/m4n4g3m4n4g3m4n4g3m4n4",
    "unsubscribe_url": "https://status.acme.example/unsubscribe/st0pst0pst0pst0pst0ps0",
    "credit_code:k3j2h1g4f5d6": "ACME-7F3K-Q2PM",
    "added_on": "3 November 2026",
    "source": "Fiera di Forlì, <padiglione> 2 & 3",
}


def after(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


SITE = Site(
    name="Acme",
    url="https://status.acme.example",
    time_zone="Europe/Rome",
    contact_email="help@acme.example",
    contact_phone="+39 02 5550 1234",
    contact_hours="9-18",
)
SHOP = Affected(
    name="Shop",
    when_down={
        "en": "You cannot place orders at the moment.",
        "it": "Al momento non è possibile fare ordini.",
    },
    still_works={
        "en": "You can look at everything in the shop. Payments and deliveries go on.",
        "it": "Può guardare tutto il negozio; pagamenti e consegne proseguono.",
    },
)
PAYMENTS = Affected(name="Payments")
INCIDENT = IncidentFacts(
    id="k3j2h1g4f5d6",
    url="https://status.acme.example/incidents/k3j2h1g4f5d6",
    started_at=START,
    impact="critical",
    affected=(SHOP,),
)
BOTH = IncidentFacts(
    id="p3j2h1g4f5d6",
    url="https://status.acme.example/incidents/p3j2h1g4f5d6",
    started_at=START,
    impact="critical",
    affected=(SHOP, PAYMENTS),
)
INTERNAL = IncidentFacts(
    id="i3j2h1g4f5d6",
    url="https://status.acme.example/incidents/i3j2h1g4f5d6",
    started_at=START,
    impact="major",
)
SLOW = IncidentFacts(
    id="s3j2h1g4f5d6",
    url="https://status.acme.example/incidents/s3j2h1g4f5d6",
    started_at=after(30),
    impact="minor",
    name="Payments take longer than usual",
    language="en",
    affected=(PAYMENTS,),
)
ENGLISH = Words(
    what_happened="The database that keeps the orders stopped answering at 14:02 CET. "
    "The shop cannot take an order without it.\n\nNo order that was confirmed is lost.",
    what_we_are_doing="Two engineers are bringing up its standby.",
)
ITALIAN = Words(
    what_happened="Il database degli ordini non risponde dalle 14:02 (CET). "
    "Senza di esso il negozio non può accettare ordini.\n\n"
    "Nessun ordine confermato è andato perso.",
    what_we_are_doing="Due tecnici stanno attivando la copia di riserva.",
)
SAID = Said(words=ENGLISH, language="en", translations={"it": ITALIAN})
ENGLISH_ONLY = Said(words=ENGLISH, language="en")
LAST_WORD = Said(
    words=Words(
        what_happened="A full disk stopped the database of the orders.",
        what_we_are_doing="The disk is larger now, and every order of that hour is checked.",
        how_we_prevent_it="From today we are called when a disk is three quarters full.",
    ),
    language="en",
    translations={
        "it": Words(
            what_happened="Un disco pieno ha fermato il database degli ordini.",
            what_we_are_doing="Abbiamo un disco più grande e abbiamo controllato ogni ordine.",
            how_we_prevent_it="Da oggi veniamo chiamati quando un disco è pieno per tre quarti.",
        )
    },
)
NOTICED = Noticed(incident=INCIDENT, acknowledged=False, next_word_at=after(65), said_at=after(5))
WORDED = Worded(
    incident=INCIDENT, status="identified", said=SAID, next_word_at=after(43), said_at=after(19)
)
SLOWLY = Worded(incident=SLOW, status="investigating", said=ENGLISH_ONLY, said_at=after(33))
OVER = Over(incident=INCIDENT, ended_at=after(21), automatic=True, said_at=after(26))
CORRECTED = Corrected(
    incident=INCIDENT,
    status="identified",
    wrote_at=after(19),
    said_at=after(24),
    said=Said(
        words=replace(ENGLISH, what_happened=ENGLISH.what_happened.replace("14:02", "13:58")),
        language="en",
        translations={
            "it": replace(ITALIAN, what_happened=ITALIAN.what_happened.replace("14:02", "13:58"))
        },
    ),
    before=SAID,
    next_word_at=after(43),
)
LEARNED = Said(
    words=Words(
        what_happened="The disk of the orders database was full at 14:02 CET, and the database "
        "stopped. For 21 minutes the shop took no order.\n\nWe had an alarm for that disk. It "
        "went to a mailbox that nobody reads.",
        what_we_are_doing="We moved the orders to a larger disk, opened the shop at 14:23 CET, "
        "and compared every order of that hour with its payment. None was lost.",
        how_we_prevent_it="A disk that fills up calls our team by telephone. The list of alarms "
        "is read by two people every Monday.",
    ),
    language="en",
    translations={
        "it": Words(
            what_happened="Il disco del database degli ordini era pieno alle 14:02 (CET) e il "
            "database si è fermato. Per 21 minuti il negozio non ha accettato ordini.\n\n"
            "Per quel disco avevamo un allarme. Arrivava a una casella che nessuno legge.",
            what_we_are_doing="Abbiamo spostato gli ordini su un disco più grande, riaperto il "
            "negozio alle 14:23 (CET) e confrontato ogni ordine di quell’ora con il suo "
            "pagamento. Nessuno è andato perso.",
            how_we_prevent_it="Un disco che si riempie chiama i nostri tecnici al telefono. Due "
            "persone leggono l’elenco degli allarmi ogni lunedì.",
        )
    },
)
TO_DO = Action(
    text="The orders get a second database, which takes over by itself.",
    language="en",
    due=date(2026, 12, 18),
    translations={"it": "Gli ordini hanno un secondo database, che subentra da solo."},
)
DID = Action(
    text="Disks that are three quarters full call our team.",
    language="en",
    due=date(2026, 11, 27),
    done=date(2026, 11, 26),
    translations={"it": "I dischi pieni per tre quarti chiamano i nostri tecnici."},
)
APPLIED = Credit(
    kind="applied",
    text="For November you pay half of your fee.",
    language="en",
    translations={"it": "Per novembre Lei paga metà del canone."},
)
BY_CODE = Credit(
    kind="code",
    text="Your next delivery costs nothing.",
    language="en",
    translations={"it": "La Sua prossima consegna è gratuita."},
)
POSTMORTEM = Postmortem(
    incident=INCIDENT,
    ended_at=after(21),
    said=LEARNED,
    said_at=after(3 * 24 * 60),
    actions=(DID, TO_DO),
)

SUNDAY = datetime(2026, 11, 29, 0, 0, tzinfo=UTC)
UPGRADE = MaintenanceFacts(
    id="m3j2h1g4f5d6",
    url="https://status.acme.example/maintenances/m3j2h1g4f5d6",
    starts_at=SUNDAY,
    ends_at=SUNDAY + timedelta(hours=3),
    names=("Shop", "Payments"),
    name="A new home for the orders",
    body="We move the orders to a faster database.\n\nOrders placed before are safe.",
    language="en",
)
IN_BOTH = replace(
    UPGRADE,
    translations={
        "it": Title(
            name="Una nuova casa per gli ordini",
            body="Spostiamo gli ordini su un database più veloce.\n\n"
            "Gli ordini già fatti sono al sicuro.",
        )
    },
)
BRIEF = MaintenanceFacts(
    id="n3j2h1g4f5d6",
    url="https://status.acme.example/maintenances/n3j2h1g4f5d6",
    starts_at=after(120),
    ends_at=after(150),
    names=("Shop",),
    language="en",
)
WEEKLY = replace(UPGRADE, name=None, body="", rhythm=Rhythm(every="week", interval=2, on=(6, 2)))
PLANNED = Planned(maintenance=IN_BOTH, said_at=after(0), occasion="maintenance_announced")

EXAMPLES: dict[str, Facts] = {
    "confirm-all": Confirm(expires_at=START + timedelta(days=7), text_version="1"),
    "confirm-some": Confirm(
        expires_at=START + timedelta(days=7), text_version="1", components=("Shop", "Payments")
    ),
    "confirm-hook": ConfirmHook(
        kind="webhook", expires_at=START + timedelta(days=7), text_version="1"
    ),
    "confirm-hook-some": ConfirmHook(
        kind="slack",
        expires_at=START + timedelta(days=7),
        text_version="1",
        components=("Shop", "Payments"),
    ),
    "hook-resting": HookResting(kind="teams", since=after(-24 * 60), said_at=after(0)),
    "canary": Canary(sent_at=START),
    "noticed": NOTICED,
    "noticed-acknowledged-two-components": Noticed(
        incident=BOTH, acknowledged=True, next_word_at=after(65), said_at=after(5)
    ),
    "noticed-first-and-last-only": NOTICED,
    "noticed-before-midnight": Noticed(
        incident=INCIDENT, acknowledged=False, next_word_at=after(10.5 * 60), said_at=after(5)
    ),
    "noticed-internal": Noticed(
        incident=INTERNAL, acknowledged=False, next_word_at=after(65), said_at=after(5)
    ),
    "worded": WORDED,
    "worded-english-only": SLOWLY,
    "worded-in-haste": Worded(
        incident=INCIDENT, status="investigating", next_word_at=after(37), said_at=after(7)
    ),
    "worded-monitoring": Worded(
        incident=INCIDENT, status="monitoring", said=LAST_WORD, said_at=after(22)
    ),
    "holding-late": Holding(
        incident=INCIDENT,
        acknowledged=True,
        missed_at=after(43),
        next_word_at=after(43 + 240),
        said_at=after(43),
    ),
    "holding-unanswered": Holding(
        incident=INCIDENT, acknowledged=False, next_word_at=after(17 * 60), said_at=after(245)
    ),
    "holding-by-hand": Holding(
        incident=SLOW,
        acknowledged=True,
        seen_by_checks=False,
        next_word_at=after(17 * 60),
        said_at=after(245),
    ),
    "worded-warm": replace(SLOWLY, said=LAST_WORD, status="monitoring", tone="warm"),
    "over-automatic": OVER,
    "first-to-somebody-added": NOTICED,
    "first-to-somebody-added-from-nowhere": SLOWLY,
    "over-in-words": Over(
        incident=INCIDENT, ended_at=after(21), automatic=False, said_at=after(26), said=LAST_WORD
    ),
    "over-warm": Over(
        incident=SLOW,
        ended_at=after(50),
        automatic=False,
        said_at=after(55),
        said=LAST_WORD,
        tone="warm",
    ),
    "over-with-record": replace(OVER, record=(Record(name="Shop", percent=99.98),)),
    "over-with-record-of-some-weeks": replace(
        OVER, record=(Record(name="Shop", percent=99.9, since=START - timedelta(days=46)),)
    ),
    "over-minor-next-day": Over(
        incident=SLOW, ended_at=after(13 * 60), automatic=True, said_at=after(13 * 60)
    ),
    "over-false-alarm": Over(
        incident=INCIDENT,
        ended_at=after(9),
        automatic=False,
        said_at=after(9),
        false_alarm=True,
        said=Said(
            words=Words(
                what_happened="Our checks asked an old address.",
                what_we_are_doing="They ask the right one now.",
                how_we_prevent_it="Checks and shop now move together.",
            ),
            language="en",
        ),
    ),
    "corrected": CORRECTED,
    "corrected-when-over": replace(
        CORRECTED, status="resolved", said_at=after(60 * 26), next_word_at=None
    ),
    "postmortem": POSTMORTEM,
    "postmortem-with-applied-credit": replace(POSTMORTEM, actions=(), credit=APPLIED),
    "postmortem-with-code": replace(POSTMORTEM, credit=BY_CODE),
    "postmortem-internal-english-only": Postmortem(
        incident=INTERNAL,
        ended_at=after(21),
        said=replace(LEARNED, translations={}),
        said_at=after(3 * 24 * 60),
        actions=(replace(TO_DO, translations={}),),
        credit=replace(APPLIED, translations={}),
    ),
    "corrected-postmortem": Corrected(
        incident=INCIDENT,
        status="postmortem",
        said_at=after(4 * 24 * 60),
        wrote_at=after(3 * 24 * 60),
        said=LEARNED,
        before=replace(
            LEARNED,
            words=replace(LEARNED.words, what_we_are_doing="We took a larger disk."),
            translations={},
        ),
    ),
    "actions-done": ActionsDone(
        incident=INCIDENT,
        said_at=after(24 * 24 * 60),
        actions=(DID, replace(TO_DO, done=date(2026, 12, 17))),
    ),
    "merged-over-and-postmortem": Merged(parts=(OVER, replace(POSTMORTEM, credit=BY_CODE))),
    "merged-one-incident": Merged(parts=(NOTICED, WORDED, OVER)),
    "merged-two-incidents": Merged(parts=(NOTICED, WORDED, SLOWLY)),
    "maintenance-announced": PLANNED,
    "maintenance-announced-repeating": replace(PLANNED, maintenance=WEEKLY),
    "maintenance-announced-english-only": replace(PLANNED, maintenance=UPGRADE),
    "maintenance-announced-today": replace(PLANNED, maintenance=BRIEF),
    "maintenance-tomorrow": replace(
        PLANNED, occasion="maintenance_tomorrow", said_at=SUNDAY - timedelta(days=1)
    ),
    "maintenance-changed": replace(
        PLANNED,
        occasion="maintenance_changed",
        was_from=SUNDAY - timedelta(days=1),
        was_until=SUNDAY - timedelta(hours=21),
        said_at=after(60),
    ),
    "maintenance-takes-longer": replace(
        PLANNED,
        occasion="maintenance_changed",
        under_way=True,
        was_from=SUNDAY,
        was_until=SUNDAY + timedelta(hours=2),
        said_at=SUNDAY + timedelta(minutes=110),
    ),
    "maintenance-spared": replace(
        PLANNED,
        occasion="maintenance_spared",
        was_from=SUNDAY,
        was_until=SUNDAY + timedelta(hours=3),
        of=("shop",),
        said_at=after(60),
    ),
    "maintenance-cancelled": replace(
        PLANNED, occasion="maintenance_cancelled", said_at=after(2 * 24 * 60)
    ),
    "maintenance-cancelled-for-good": replace(
        PLANNED, maintenance=WEEKLY, occasion="maintenance_cancelled", said_at=after(60)
    ),
    "maintenance-finished": replace(
        PLANNED,
        occasion="maintenance_finished",
        was_from=SUNDAY,
        was_until=SUNDAY + timedelta(hours=2),
        said_at=SUNDAY + timedelta(hours=3),
    ),
    "maintenance-finished-in-time": replace(
        PLANNED, occasion="maintenance_finished", said_at=SUNDAY + timedelta(hours=3)
    ),
    "merged-incident-and-maintenance": Merged(parts=(NOTICED, OVER, PLANNED)),
    "merged-one-maintenance": Merged(
        parts=(
            PLANNED,
            replace(
                PLANNED,
                occasion="maintenance_changed",
                maintenance=replace(IN_BOTH, ends_at=SUNDAY + timedelta(hours=4)),
                was_from=SUNDAY,
                was_until=SUNDAY + timedelta(hours=3),
                said_at=after(60),
            ),
        )
    ),
}
READERS: dict[str, Readers] = {
    "first-to-somebody-added": Readers("whence"),
    "first-to-somebody-added-from-nowhere": Readers("when"),
    "noticed-first-and-last-only": Readers(ends_only=True),
}
"""Letters that say why they come, or that the next one is the last."""
CASES = [(name, code) for name in EXAMPLES for code in available()]


def letter(name: str, code: str) -> Letter:
    return personal(write(EXAMPLES[name], SITE, load(code), READERS.get(name, ALL_READERS)), PLACES)


def golden(name: str, code: str) -> str:
    written = letter(name, code)
    return f"Subject: {written.subject}\n\n{written.text}"


if __name__ == "__main__":
    LETTERS.mkdir(exist_ok=True)
    for case_name, case_code in CASES:
        path = LETTERS / f"{case_name}.{case_code}.txt"
        path.write_text(golden(case_name, case_code), encoding="utf-8")
