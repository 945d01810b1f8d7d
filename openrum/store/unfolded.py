"""Which files know sessions of rows that are not folded yet.

What is alone among the folded rows of all days (folding.py) is not alone beside an event of its session that a question reads by
itself. In most files there is none such, and nothing need be looked up row by row; which they are is found out once for each block, and
for all questions that come until the next. Files that are cut by a range need no such look: what they are cut of is folded, too.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from openrum.store.day_files import DayFile
from openrum.store.gathered import NOTHING, Gathered, sessions_of

_KEPT_MAX = 32  # ranges of days that are asked after in turn


@dataclass(frozen=True, slots=True)
class _Looked:
    """How far the files were looked through, by catalog, and in which others their sessions were met."""

    to: Mapping[str, int]
    met: frozenset[str]


class Unfolded:
    """What was found out. Any thread may ask; the panels of a page ask at once, and one of them looks for all."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], _Looked] = OrderedDict()
        self._looking = threading.Lock()

    def met(
        self, cursor: duckdb.DuckDBPyConnection, files: Sequence[DayFile], gathered: Gathered = NOTHING
    ) -> frozenset[str]:
        """The catalogs in which an alone row may be of such a session. Runs in a transaction of the cursor's, in which the question is
        asked, too: it must see the same rows. Raises duckdb.Error.
        """
        waiting = [file for file in files if not file.wholly_folded]
        if not waiting:
            return frozenset()
        key = tuple(
            (file.catalog, file.folded) for file in files
        )  # what more is folded of a file has sessions of its own
        to = {file.catalog: _block(cursor, file) for file in waiting}
        with self._looking:
            known = self._kept.get(key) or _Looked({}, frozenset())
            found = _look(cursor, files, known, to, gathered)
            self._kept[key] = found
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT_MAX:
                self._kept.popitem(last=False)
        return found.met.union(file.catalog for file in waiting if file.folded is not None)


def _look(
    cursor: duckdb.DuckDBPyConnection,
    files: Sequence[DayFile],
    known: _Looked,
    to: Mapping[str, int],
    gathered: Gathered,
) -> _Looked:
    """Look through what came since the last look. Who sees less than was looked through sees nothing that was not."""
    since = {file.catalog: known.to.get(file.catalog, _folded_to(file)) for file in files if file.catalog in to}
    new = [catalog for catalog, block in since.items() if to[catalog] > block]
    left = {file.day: file for file in files if file.wholly_folded and file.catalog not in known.met}
    looked = {**known.to, **{catalog: to[catalog] for catalog in new}}
    if not new or not left:
        return _Looked(looked, known.met)
    coming = " UNION ALL ".join(
        f'SELECT "session" FROM {catalog}.event_rows WHERE "session" IS NOT NULL AND block > {since[catalog]:d}'
        for catalog in new
    )
    there = sessions_of(list(left.values()), gathered)
    days = cursor.execute(f'SELECT DISTINCT day FROM ({there}) WHERE "session" IN ({coming})').fetchall()
    return _Looked(looked, known.met.union(left[day].catalog for (day,) in days))


def _folded_to(file: DayFile) -> int:
    return -1 if file.folded is None else file.folded


def _block(cursor: duckdb.DuckDBPyConnection, file: DayFile) -> int:
    """How far a file is written, as this transaction sees it."""
    [(block,)] = cursor.execute(f"SELECT coalesce(max(block), -1) FROM {file.catalog}.about").fetchall()
    return int(block)
