"""Which pages do we show of what was long ago?

What is open and what was lately lies in memory (``memory``). Of everything older each page is
rendered once, and lies compressed in one file of ``state_dir``; it is read when somebody asks
for it, and the last few stay ready. So neither memory nor the start grows with the years, and
a view still touches no store and no template. Rules that hold inside:

- A page is named without a language, ``/incidents/ID``; ``/it/incidents/ID`` is its Italian one.
- What was made of an older revision never replaces what was made of a newer one.
- The file is a copy: where it is damaged, a fresh one takes its place and is filled anew.
- A page keeps the headers that it was made with: its policy names its own sheet, whatever sheet
  later ones have.
- What is removed is overwritten (``secure_delete``): a word that was erased is on no disk.
- ``find`` never raises. Writing raises ``NotKept`` and nothing else.

Everything here waits for the disk: call it in a thread.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import sqlite3
import sys
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from statuspage.memory import Page, Prepared, prepare

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

log = logging.getLogger(__name__)

FILE = "past.sqlite"
READY = 64
"""So many addresses stay ready in memory."""
_FORMAT = 2
_FAMILIES = "incidents|maintenances|history"
_ASKED = re.compile(
    rf"(?:/([A-Za-z]{{2,3}}(?:-[A-Za-z0-9]+)*))?(/(?:{_FAMILIES})/[\w-]{{1,64}})", re.ASCII
)
_DAMAGED = {"SQLITE_CORRUPT", "SQLITE_NOTADB"}
_TABLES = """
CREATE TABLE IF NOT EXISTS records (
    path TEXT PRIMARY KEY, stamp TEXT NOT NULL, revision INTEGER NOT NULL,
    month TEXT, began_at TEXT NOT NULL, lines TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS records_by_month ON records (month, began_at);
CREATE TABLE IF NOT EXISTS pages (
    path TEXT, language TEXT, sha256 BLOB NOT NULL, body BLOB NOT NULL, headers TEXT NOT NULL,
    PRIMARY KEY (path, language)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_KEEP = """
INSERT INTO records VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET
    stamp = excluded.stamp, revision = excluded.revision, month = excluded.month,
    began_at = excluded.began_at, lines = excluded.lines
WHERE excluded.revision >= records.revision
"""

Line = Mapping[str, str]
"""An entry of a month's list, as its page reads it."""


class NotKept(Exception):
    """The disk did not take it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One page in each language. ``month`` (``2026-03``) is where it is listed, by ``lines``
    in each language; None: nowhere. Without pages it stands for what is shown no more.
    """

    path: str
    stamp: str
    """Of what it was made: equal stamps mean equal pages."""
    revision: int
    month: str | None = None
    began_at: str = ""
    lines: Mapping[str, Line] = field(default_factory=dict)
    pages: tuple[Page, ...] = ()


class Archive:
    """The archive in a folder; nothing is opened before it is needed."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / FILE
        self.version = 0
        """Rises with whatever is written by this process."""
        self._lock = threading.Lock()
        self._open: sqlite3.Connection | None = None
        self._ready: OrderedDict[str, tuple[Prepared, ...]] = OrderedDict()

    def at_hand(self, path: str) -> tuple[Prepared, ...] | None:
        """What is shown at an address, if that is known without the disk; else None."""
        if (ready := self._ready.get(path)) is not None:
            return ready
        return None if _ASKED.fullmatch(path) and self.file.exists() else ()

    def find(self, path: str) -> tuple[Prepared, ...]:
        """What is shown at an address, in each language; nothing where nothing is."""
        asked, version = _ASKED.fullmatch(path), self.version
        if asked is None:
            return ()
        try:
            found = tuple(map(prepare, self._read(path, *asked.groups())))
        except (NotKept, zstd.ZstdError) as error:
            log.warning("%s could not be read from the archive: %s", path, error)
            return ()
        with self._lock:
            if found and version == self.version:  # else something newer may lie there by now
                self._ready[path] = found
                while len(self._ready) > READY:
                    self._ready.popitem(last=False)
        return found

    def stamps(self, paths: Collection[str]) -> dict[str, str]:
        """Path -> stamp, of those that are kept."""
        with self._using() as database:
            found = database.execute(
                f"SELECT path, stamp FROM records WHERE path IN ({_marks(paths)})",  # noqa: S608
                [*paths],
            )
            return dict(found.fetchall())

    def months(self, without: Collection[str] = ()) -> dict[str, int]:
        """Month -> how much is listed in it, but for ``without`` these."""
        with self._using() as database:
            found = database.execute(
                "SELECT month, count(*) FROM records WHERE month IS NOT NULL "  # noqa: S608
                f"AND path NOT IN ({_marks(without)}) GROUP BY month",
                [*without],
            )
            return dict(found.fetchall())

    def listed(self, month: str, without: Collection[str] = ()) -> list[Mapping[str, Line]]:
        """The lines of a month, the newest first."""
        with self._using() as database:
            found = database.execute(
                "SELECT lines FROM records WHERE month = ? "  # noqa: S608
                f"AND path NOT IN ({_marks(without)}) ORDER BY began_at DESC, path",
                [month, *without],
            )
            return [json.loads(lines) for (lines,) in found.fetchall()]

    def keep(self, records: Iterable[Record]) -> frozenset[str]:
        """All of these or, where the disk does not take them, none; answers the months whose
        lists have changed. Raises ``NotKept``.
        """
        touched: set[str] = set()
        kept = list(records)
        with self._using() as database:
            for record in kept:
                touched |= _keep(database, record)
        with self._lock:
            self.version += 1
            for record in kept:
                self._forget_ready(record.path)
        return frozenset(touched)

    def noted(self, name: str) -> str | None:
        """What was noted by this name."""
        with self._using() as database:
            found = database.execute("SELECT value FROM notes WHERE name = ?", [name]).fetchone()
            return str(found[0]) if found else None

    def note(self, name: str, value: str) -> None:
        """Raises ``NotKept``."""
        with self._using() as database:
            database.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", [name, value])

    def drop(self) -> None:
        """Begin anew: all of it is to be made again."""
        with self._lock:
            self._close()
            self.version += 1
            self._ready.clear()
            for file in (self.file, self.file.with_name(f"{FILE}-journal")):
                file.unlink(missing_ok=True)

    def close(self) -> None:
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _read(self, path: str, language: str | None, plain: str) -> Iterator[Page]:
        if not self.file.exists():
            return
        with self._using() as database:
            wanted = "" if language is None else "AND language = ?"
            found = database.execute(
                f"SELECT language, sha256, body, headers FROM pages WHERE path = ? {wanted}",  # noqa: S608
                [plain] if language is None else [plain, language],
            ).fetchall()
        for code, sha256, packed, headers in found:
            body = zstd.decompress(packed)
            if hashlib.sha256(body).digest() != sha256:
                raise NotKept("its bytes are not those that were written")
            its_own = tuple((name, value) for name, value in json.loads(headers))
            yield Page(path, "text/html", body, code, headers=its_own)

    def _forget_ready(self, plain: str) -> None:
        for path in [path for path in list(self._ready) if path.endswith(plain)]:
            self._ready.pop(path, None)

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """One transaction. A damaged file is put aside at once."""
        with self._lock:
            try:
                database = self._open = self._open or _opened(self.file)
                with database:
                    yield database
            except sqlite3.Error as error:
                self._close()
                name = getattr(error, "sqlite_errorname", "")
                if name in _DAMAGED:
                    self.file.unlink(missing_ok=True)
                    log.warning("%s is damaged (%s), and is made anew.", self.file, name)
                raise NotKept(str(error)) from error
            except OSError as error:
                raise NotKept(f"{self.file}: {error.strerror or error}") from error


def _opened(file: Path) -> sqlite3.Connection:
    file.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(file, timeout=5, check_same_thread=False)
    database.execute("PRAGMA secure_delete=ON")
    database.execute("PRAGMA synchronous=NORMAL")  # a copy: what power loss breaks is made anew
    database.execute("PRAGMA cache_size=-1024")
    if database.execute("PRAGMA user_version").fetchone()[0] not in (0, _FORMAT):
        database.executescript("DROP TABLE records; DROP TABLE pages; DROP TABLE notes;")
    database.executescript(f"{_TABLES} PRAGMA user_version={_FORMAT};")
    return database


def _keep(database: sqlite3.Connection, record: Record) -> set[str]:
    """Its months, before and now; none where something newer is kept."""
    before = database.execute(
        "SELECT month, lines FROM records WHERE path = ?", [record.path]
    ).fetchone()
    lines = json.dumps(record.lines, ensure_ascii=False)
    row = (record.path, record.stamp, record.revision, record.month, record.began_at, lines)
    if not database.execute(_KEEP, row).rowcount:
        return set()
    database.execute("DELETE FROM pages WHERE path = ?", [record.path])
    database.executemany(
        "INSERT INTO pages VALUES (?, ?, ?, ?, ?)",
        [
            (record.path, page.language, *_packed(page.body), json.dumps(page.headers))
            for page in record.pages
            if page.path == record.path
        ],
    )
    if before == (record.month, lines):
        return set()
    return {month for month in (record.month, before and before[0]) if month}


def _packed(body: bytes) -> tuple[bytes, bytes]:
    return hashlib.sha256(body).digest(), zstd.compress(body, 9)


def _marks(values: Sequence[str] | Collection[str]) -> str:
    return ",".join("?" * len(values))
