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
from openrum.store.folding import SESSIONS_TABLE

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

    def met(self, cursor: duckdb.DuckDBPyConnection, files: Sequence[DayFile]) -> frozenset[str]:
        """The catalogs in which an alone row may be of such a session. Runs in a transaction of the cursor's, in which the question is
        asked, too: it must see the same rows. Raises duckdb.Error.
        """
        waiting = [file for file in files if not file.wholly_folded]
        if not waiting:
            return frozenset()
        others = [file for file in files if file.wholly_folded]
        key = (*((file.catalog, file.folded) for file in waiting), *(file.catalog for file in others))
        to = {file.catalog: _block(cursor, file) for file in waiting}
        with self._looking:
            known = self._kept.get(key) or _Looked({}, frozenset())
            found = _look(cursor, waiting, others, known, to)
            self._kept[key] = found
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT_MAX:
                self._kept.popitem(last=False)
        return found.met.union(file.catalog for file in waiting if file.folded is not None)


def _look(
    cursor: duckdb.DuckDBPyConnection,
    waiting: Sequence[DayFile],
    others: Sequence[DayFile],
    known: _Looked,
    to: Mapping[str, int],
) -> _Looked:
    """Look through what came since the last look. Who sees less than was looked through sees nothing that was not."""
    new = [file for file in waiting if to[file.catalog] > known.to.get(file.catalog, -1)]
    left = [file for file in others if file.catalog not in known.met]
    if not new:
        return known
    if not left:
        return _Looked({**known.to, **to}, known.met)
    coming = " UNION ALL ".join(
        f'SELECT "session" FROM {file.catalog}.event_rows WHERE "session" IS NOT NULL'
        f" AND block > {max(known.to.get(file.catalog, -1), -1 if file.folded is None else file.folded):d}"
        for file in new
    )
    there = " UNION ALL ".join(
        f'SELECT {place} AS place, "session" FROM {file.catalog}.{SESSIONS_TABLE}' for place, file in enumerate(left)
    )
    places = cursor.execute(f'SELECT DISTINCT place FROM ({there}) WHERE "session" IN ({coming})').fetchall()
    looked = {**known.to, **{file.catalog: to[file.catalog] for file in new}}
    return _Looked(looked, known.met.union(left[place].catalog for (place,) in places))


def _block(cursor: duckdb.DuckDBPyConnection, file: DayFile) -> int:
    """How far a file is written, as this transaction sees it."""
    [(block,)] = cursor.execute(f"SELECT coalesce(block, -1) FROM {file.catalog}.about").fetchall()
    return int(block)
