"""With which file does one begin?"""

from __future__ import annotations

_TEXT = """\
# The configuration of Avviso. Everything that is not here has a default:
# see docs/configuration.md. Look over a change with `avviso config check`.

[site]
name = "Acme"                           # what your customers call you
url = "https://status.acme.example"     # where this page will be reached
# languages = ["en", "it"]              # the first is the default
# time_zone = "Europe/Rome"
# contact = { email = "help@acme.example" }

# [operators]
# notify = ["mailto:oncall@acme.example"]   # told before any customer

# [mail]                                # without it nobody is written to
# server = "smtp://user:${SMTP_PASSWORD}@mail.acme.example:587"
# from = "Acme status <status@acme.example>"

# [checks]
# reference = ["tcp://192.0.2.1:53"]    # reached when our own connection is well

# What your customers use. What it stands on is a component too: name it in depends_on.
[[components]]
id = "shop"                             # stays; with another id it is another component
name = "Shop"
when_down = "You cannot place orders at the moment."
[[components.checks]]
kind = "http"
url = "https://shop.acme.example/"
"""


def smallest() -> str:
    """A smallest avviso.toml, commented, for ``avviso init``."""
    return _TEXT
