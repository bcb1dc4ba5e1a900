"""How do pages of the past come into the archive?

Everything here waits for the disk, and much of it renders: it runs in a thread. Where the disk
takes nothing, that is said once, and the pages are shown from memory until it does.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from statuspage.archive import NotKept, Record
from statuspage.memory import Page
from statuspage.pages import history, kept, past
from statuspage.pages.past import View
from statuspage.pages.reader import Reader
from statuspage.premises import Premises
from statuspage.rules.board import Board
from statuspage.rules.earlier import Earlier

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Left:
    """What the board does not hold and is to be looked at: paths, and what is known of them."""

    before: str = ""
    """The board lacks something of the months before this one."""
    paths: frozenset[str] = frozenset()
    board: Board | None = None

    @property
    def views(self) -> Mapping[str, View]:
        if self.board is None:
            return {}
        return {past.path_of(view): view for view in past.all_of(self.board)}


@dataclass(slots=True)
class Followed:
    """The board with what the archive adds to it; pages that the archive did not take, to be
    shown from memory; what could not be rendered.
    """

    board: Board
    unkept: Sequence[Page] = ()
    faults: list[Exception] = field(default_factory=list)


class Keeping:
    """What this process has put into its archive."""

    def __init__(self, premises: Premises) -> None:
        self.premises = premises
        self.archive = premises.archive
        self._known: tuple[object, Earlier] | None = None
        self._turn = 0
        self._is_refused = False

    def take_up(self, house: str, newest: int) -> int:
        """The revision up to which all changes are in the archive; one that is of another store,
        or of a backup's future, is dropped, and a fresh one is filled by the walk.
        """
        try:
            seen, whose = self.archive.noted("seen"), self.archive.noted("house")
            if whose not in (house, None) or int(seen or 0) > newest:
                self.archive.drop()
                seen = None
            self.archive.note("house", house)
        except NotKept as refusal:
            self._refused(refusal)
            return newest
        return newest if seen is None else int(seen)

    def follow(self, board: Board, left: Left, *, erased: bool) -> Followed:
        """Put there what has left the board or was changed, and look what else is there.
        ``erased``: nothing of before may stay, not even where nothing new can be kept.
        """
        followed = Followed(board)
        old = [one for one in past.begun(board) if past.month_of(one, board.site) < left.before]
        records = self._records(left, followed.faults, anew=True, erased=erased)
        on_board = Left(left.before, frozenset(map(past.path_of, old)), board)
        records += self._records(on_board, followed.faults)
        months = {path.rsplit("/", 1)[1] for path in self.premises.memory.pages if _is_month(path)}
        try:
            touched = self._keep(records, board.revision if left.paths else None)
        except NotKept as refusal:
            self._refused(refusal)
            followed.unkept = [page for one in records for page in one.pages]
            touched = frozenset()
            if erased and left.paths:
                self.archive.drop()
        followed.board = replace(board, earlier=self._earlier(board, left.before))
        followed.faults += self._keep_months(touched | months, followed.board)
        return followed

    def mend(self, left: Left, board: Board) -> tuple[bool, list[Exception]]:
        """Put there what is not there as it would be rendered now; whether there was any, and
        what could not be rendered.
        """
        faults: list[Exception] = []
        records = self._records(left, faults)
        self._turn += 1
        counts = list(board.earlier.counts)
        one_more = {counts[self._turn % len(counts)]} if counts else set()
        try:
            touched = self._keep(records, None)
        except NotKept as refusal:
            self._refused(refusal)
            return False, faults
        faults += self._keep_months(touched | one_more, board)
        return bool(records), faults

    def _records(
        self, left: Left, faults: list[Exception], *, anew: bool = False, erased: bool = False
    ) -> list[Record]:
        """Of those that are not kept as they would be rendered now; ``anew``: of all."""
        if left.board is None:
            return []
        readers, views, made = _readers(left.board), left.views, list[Record]()
        stamps = {} if anew else self._stamps(left.paths)
        for path in sorted(left.paths):
            view = views.get(path)
            stamp = kept.stamp_of(view, readers[0]) if view else kept.GONE
            if stamps.get(path) == stamp or (view is None and not anew and path not in stamps):
                continue
            gone = kept.gone(path, left.board.revision)
            try:
                made.append(kept.record(view, left.board, readers) if view else gone)
            except Exception as fault:  # noqa: BLE001  the other pages are none the worse for it
                faults.append(fault)
                made += [gone] if erased else []
        return made

    def _stamps(self, paths: Collection[str]) -> Mapping[str, str]:
        try:
            return self.archive.stamps(paths)
        except NotKept as refusal:
            self._refused(refusal)
            return {}

    def _keep(self, records: Sequence[Record], seen: int | None) -> frozenset[str]:
        touched = self.archive.keep(records) if records else frozenset()
        if seen is not None:
            self.archive.note("seen", str(seen))
        self._is_refused = False
        return touched

    def _earlier(self, board: Board, before: str) -> Earlier:
        """What the archive has beside the board; read again only when one of them has moved."""
        paths = [past.path_of(view) for view in past.all_of(board)]
        key = (self.archive.version, before, paths)
        if self._known is None or self._known[0] != key:
            try:
                self._known = key, self._read_earlier(before, paths)
            except NotKept as refusal:
                self._refused(refusal)
                return Earlier(before)
        return self._known[1]

    def _read_earlier(self, before: str, on_board: Collection[str]) -> Earlier:
        counts = sorted(self.archive.months().items(), reverse=True)
        beside = self.archive.months(on_board)
        return Earlier(
            before,
            {key: count for key, count in counts if key < before},
            {key: self.archive.listed(key, on_board) for key in beside if key >= before},
        )

    def _keep_months(self, touched: Collection[str], board: Board) -> list[Exception]:
        """The pages of these months, and of those beside them, which name them."""
        earlier, readers = board.earlier, _readers(board)
        if not any(key < earlier.before for key in touched):
            return []
        shown = {past.month_of(one, board.site) for one in past.begun(board)} | {*earlier.lines}
        try:
            keys = sorted({*self.archive.months(), *shown})
            wanted = {key for key in touched if key < earlier.before}
            wanted |= {one for key in wanted for one in history.beside(key, keys).values() if one}
            wanted = {key for key in wanted if key < earlier.before}
            stamps = self.archive.stamps([history.path_of_month(key) for key in wanted])
            made = []
            for key in wanted:
                lines = self.archive.listed(key)
                one = kept.month_record(key, lines, keys, readers, board.revision)
                made += [one] if stamps.get(one.path) != one.stamp else []
            if made:
                self.archive.keep(made)
        except NotKept as refusal:
            self._refused(refusal)
        except Exception as fault:  # noqa: BLE001  as with any page that cannot be written
            return [fault]
        return []

    def _refused(self, refusal: NotKept) -> None:
        """Said once: pages stay in memory until the disk takes them."""
        self.premises.metrics.snapshot_failures.inc()
        if not self._is_refused:
            logger.error("Pages of the past could not be kept: %s.", refusal)
        self._is_refused = True


def _readers(board: Board) -> tuple[Reader, ...]:
    return tuple(Reader.of(code, board) for code in board.site.languages)


def _is_month(path: str) -> bool:
    return path.startswith("/history/")
