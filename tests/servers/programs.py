"""Which real programs do the tests run, where do they lie, and which Debian package brings them?

One table serves the installer and the servers. Debian puts PostgreSQL under a folder with its
version, and renames what its makers rename (Redis became Valkey), so a program is looked for by
glob and a need is met by any of its places.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Program:
    """A program that tests start: its Debian package, and globs of where it may lie."""

    package: str
    places: tuple[str, ...]

    def found(self) -> Path | None:
        """Return the newest place that exists, or None."""
        hits = [hit for place in self.places for hit in sorted(Path("/").glob(place.lstrip("/")))]
        return max(hits, key=_release, default=None)

    def path(self) -> Path:
        """Return where the program lies.

        :raises FileNotFoundError: with the package to install, as `make test` would.
        """
        if place := self.found():
            return place
        raise FileNotFoundError(f"{self.places[0]} is missing: apt-get install {self.package}")


def _release(place: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in place.parts if part.isdecimal())


POSTGRES = Program("postgresql", ("/usr/lib/postgresql/*/bin/postgres",))
INITDB = Program("postgresql", ("/usr/lib/postgresql/*/bin/initdb",))
MARIADB = Program("mariadb-server", ("/usr/sbin/mariadbd", "/usr/sbin/mysqld"))
MARIADB_INSTALL = Program(
    "mariadb-server", ("/usr/bin/mariadb-install-db", "/usr/bin/mysql_install_db")
)
REDIS = Program("redis-server", ("/usr/bin/redis-server", "/usr/bin/valkey-server"))
NGINX = Program("nginx", ("/usr/sbin/nginx",))
CHROMIUM = Program("chromium", ("/usr/bin/chromium",))
SMTP_SINK = Program("postfix", ("/usr/sbin/smtp-sink",))  # the relay of the mail benchmarks
SMTP_SOURCE = Program("postfix", ("/usr/sbin/smtp-source",))
POSTFIX = Program("postfix", ("/usr/lib/postfix/sbin/master",))
OPENSSL = Program("openssl", ("/usr/bin/openssl",))
WRK = Program("wrk", ("/usr/bin/wrk",))  # the visitors of the page benchmark
CURL = Program("curl", ("/usr/bin/curl",))  # the lines in papers and calls are typed as they stand
DOVECOT = Program("dovecot-imapd", ("/usr/lib/dovecot/imap",))  # and its master, from the core
DKIMVERIFY = Program("python3-dkim", ("/usr/bin/dkimverify",))  # no wheel: not in our locks
# no programs, but what a review of letters reads where the system has it
ITALIAN = Program("hunspell-it", ("/usr/share/hunspell/it_IT.dic",))
ENGLISH = Program("hunspell-en-us", ("/usr/share/hunspell/en_US.dic",))

ALL = (
    POSTGRES,
    INITDB,
    MARIADB,
    MARIADB_INSTALL,
    REDIS,
    NGINX,
    CHROMIUM,
    SMTP_SINK,
    SMTP_SOURCE,
    POSTFIX,
    OPENSSL,
    CURL,
    WRK,
    ITALIAN,
    ENGLISH,
    DKIMVERIFY,
    DOVECOT,
)


def missing(programs: tuple[Program, ...] = ALL) -> list[str]:
    """Return the Debian packages to install so that every program is found, each once."""
    return sorted({program.package for program in programs if program.found() is None})
