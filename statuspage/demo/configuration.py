"""With which avviso.toml does the demo run?

A file like anybody's, written into the demo's folder to be read and tried out. Only its
durations are unusual: short enough to watch. The environment is left aside, for a
developer's ``AVVISO_DATABASE__URL`` must not lend a real store to a game.
"""

from __future__ import annotations

from pathlib import Path
from string import Template

from statuspage.demo.town import Addresses
from statuspage.settings import Settings, loads

ONCALL = "oncall@demo.example"

_TEXT = Template("""\
# What `avviso demo` runs with. The durations are for watching: in earnest, leave them out
# and have their defaults. Every key is described in docs/configuration.md.

[site]
name = "The corner shop"
url = "$site"
languages = ["en", "it"]
contact = { email = "help@demo.example" }

[operators]
notify = ["mailto:$oncall"]             # told before any customer
again_every = "1m"

[mail]
server = "smtp://127.0.0.1:$mailbox?starttls=never"
from = "The corner shop <status@demo.example>"

[letters]
first_after = "2s"                      # a confirmed outage this long is written to customers
all_clear_after = "5s"                  # well this long before "it is over"
undo = "3s"                             # an operator's words can be taken back this long
reopen_within = "1s"                    # every break is a new story
next_update = "10m"
remind_before = "1m"
per_hour = 200                          # play as often as you like
per_day = 1000

[checks]
interval = "2s"
timeout = "1s"
confirm_failures = 2
confirm_recoveries = 2
confirm_interval = "500ms"
flap_within = "20s"                     # so that playing quickly is not taken for flapping
flap_steady = "10s"
reference = ["tcp://127.0.0.1:$door"]   # our own connection is well as long as this answers

[[components]]
id = "orders-db"
name = "Orders database"
tier = "database"
[[components.checks]]
kind = "redis"
dsn = "redis://127.0.0.1:$orders/0"
command = "PING"
server = "db-1"

[[components]]
id = "shop"
name = "Shop"
tier = "http"
depends_on = ["orders-db"]
[components.when_down]
en = "You cannot place orders at the moment."
it = "Al momento non è possibile fare ordini."
[components.still_works]
en = "Orders that you have placed are safe and on their way."
it = "Gli ordini già fatti sono al sicuro e in viaggio."
[[components.checks]]
kind = "http"
url = "http://127.0.0.1:$shop/health"
expect_status = [200]
server = "web-1"
""")


def write(folder: Path, at: Addresses) -> Settings:
    """Write avviso.toml into the folder, where the store and the pages will be too."""
    text = _TEXT.substitute(
        site=at.site,
        oncall=ONCALL,
        mailbox=at.mailbox,
        door=at.door,
        orders=at.orders,
        shop=at.shop,
    )
    file = folder / "avviso.toml"
    file.write_text(text, encoding="utf-8")
    return loads(text, {}, file)
