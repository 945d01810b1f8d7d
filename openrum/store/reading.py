"""The first tables of a question: the rows of the days' files that it may need, event by event or folded. SQL, and no engine."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from openrum.store import folding, schema
from openrum.store.day_files import DayFile
from openrum.store.gathered import NOTHING, Gathered
from openrum.store.store import Reads

BESIDE = "folded_beside"
REPLAYS = "replay_chunks"
UNFOLDED = "unfolded_sessions"
_IS_UNFOLDED = f'"session" IN (SELECT "session" FROM {UNFOLDED})'
_OF_ERRORS = {*folding.ERROR_COLUMNS, folding.REFERRER}
"""What is known of errors that stand apart: a referrer is told by page views alone, and errors have none."""


def with_tables(tables: Mapping[str, str], sql: str) -> str:
    """The question with these as its first tables; it may have others."""
    first = "WITH " + ", ".join(f"{name} AS NOT MATERIALIZED ({rows})" for name, rows in tables.items())
    return f"{first}, {sql.removeprefix('WITH ')}" if sql.startswith("WITH ") else f"{first} {sql}"


def files_of(reads: Reads, days: Mapping[int, DayFile]) -> list[DayFile]:
    """The files that a question may need."""
    return [file for file in days.values() if file.touches(reads.from_ms, reads.to_ms)]


def tells_alone(reads: Reads) -> bool:
    """Whether it goes by which folded rows are alone, or first on their page."""
    return reads.hours is not None and not reads.columns.isdisjoint((folding.ALONE, folding.FIRST_ON_PAGE))


def read_tables(
    reads: Reads, days: Mapping[int, DayFile], met: frozenset[str] = frozenset(), gathered: Gathered = NOTHING
) -> dict[str, str]:
    """The tables of what a question reads. In the catalogs of `met`, rows that are alone may be of sessions that are not folded yet
    (unfolded.py); who does not go by that need not say.
    """
    columns = {name: kind for name, kind in schema.EVENT_COLUMNS.items() if name in reads.columns}
    files = files_of(reads, days)
    if reads.replays:  # each stands in the file of its row, and is of its time
        of_replays = {name: kind for name, kind in schema.REPLAY_COLUMNS.items() if name in reads.columns}
        return {REPLAYS: union(of_replays, files, table=REPLAYS)}
    if reads.hours is None and reads.only == folding.ERROR_TYPE and columns.keys() <= _OF_ERRORS:
        return {"event_rows": _errors(columns, files, gathered)}
    if reads.hours is None:
        return {"event_rows": union(columns, files)}
    folded = [file for file in files if file.folded is not None]
    outside = {file.catalog: list(_outside(file, reads, *reads.hours)) for file in folded}
    beside = {file.catalog: " OR ".join([*_since(file), *outside[file.catalog]]) for file in folded}
    single = [file for file in files if beside.get(file.catalog) != ""]
    of_hours = {name: kind for name, kind in folding.COLUMNS.items() if name in reads.columns}
    # A question goes by the files as they were when it began; what was folded since stands among its events.
    known = _known(folded, reads)
    told = {catalog: dict(_TOLD_APART) for catalog in met}
    # Of a day that the range cuts, the row that stands for its session may be missing.
    for catalog in (catalog for catalog, cut in outside.items() if cut):
        told[catalog] = {**told.get(catalog, {}), folding.FIRST_ON_PAGE: "NULL::BOOLEAN"}
    # Of others there is more to say than that they count.
    together, apart = _parted(folded, lambda file: gathered.has(file) and file.catalog not in told)
    shared, within = _shared(gathered, together)
    tables = {UNFOLDED: _unfolded(files)} if met else {}
    tables |= {
        "event_rows": union(columns, single, beside),
        folding.TABLE: union(of_hours, [*apart, *shared], known | within, folding.TABLE, told),
    }
    if reads.sessions:
        whole, others = _parted(apart, lambda file: not outside[file.catalog])
        of_sessions = {name: kind for name, kind in folding.SESSION_COLUMNS.items() if name in reads.columns}
        tables[folding.SESSIONS_TABLE] = union(
            of_sessions, [*whole, *shared], _known(whole) | within, folding.SESSIONS_TABLE, told
        )
        tables[BESIDE] = union(of_hours, others, known, folding.TABLE)
    return tables


def _shared(gathered: Gathered, together: Sequence[DayFile]) -> tuple[list[Gathered], dict[str, str]]:
    """What stands in the place of these files where any are gathered, and the condition for their rows."""
    return ([gathered], {gathered.catalog: gathered.only(together)}) if together else ([], {})


_TOLD_APART = {
    folding.ALONE: f"{folding.ALONE} AND NOT {_IS_UNFOLDED}",
    folding.FIRST_ON_PAGE: f"CASE WHEN NOT {_IS_UNFOLDED} THEN {folding.FIRST_ON_PAGE} END",
}
"""Of a row whose session may be read event by event as well: it is not alone then, nor the first of its page."""


def _unfolded(files: Sequence[DayFile]) -> str:
    """The sessions of what is not folded yet."""
    waiting = [file for file in files if not file.wholly_folded]
    only = {file.catalog: " AND ".join([*_since(file), '"session" IS NOT NULL']) for file in waiting}
    return union({"session": "UUID"}, waiting, only)


def _errors(columns: Mapping[str, str], files: Sequence[DayFile], gathered: Gathered) -> str:
    """Errors where they stand apart, and the events that came since, others among them."""
    together, apart = _parted(files, gathered.has)
    shared, within = _shared(gathered, together)
    folded = [file for file in apart if file.folded is not None]
    others = [file for file in files if not file.wholly_folded]
    since = {file.catalog: condition for file in folded for condition in _since(file)}
    stand: list[DayFile | Gathered] = [*folded, *shared]
    none = {file.catalog: {folding.REFERRER: "NULL::VARCHAR"} for file in stand}
    errors = union(columns, stand, _known(folded) | within, folding.ERRORS_TABLE, none)
    return f"{errors} UNION ALL {union(columns, others, since)}" if others else errors


def _parted(files: Sequence[DayFile], one: Callable[[DayFile], bool]) -> tuple[list[DayFile], list[DayFile]]:
    """Those that are so, and the others."""
    parts: tuple[list[DayFile], list[DayFile]] = [], []
    for file in files:
        parts[not one(file)].append(file)
    return parts


def _known(folded: Sequence[DayFile], reads: Reads | None = None) -> dict[str, str]:
    """The folded rows of each file that count: not those of an hour in which the range ends."""
    known = {file.catalog: f"block <= {file.folded:d}" for file in folded}
    if reads is not None and reads.hours is not None:
        for file in folded:
            if _is_cut(file, reads):
                known[file.catalog] += f' AND "time" < {reads.hours[1]:d}'
    return known


def _is_cut(file: DayFile, reads: Reads) -> bool:
    """Whether the range ends before the file does. Where it ends with the present, it seldom does."""
    return file.last_ms is not None and file.last_ms >= reads.to_ms


def _since(file: DayFile) -> list[str]:
    """Which rows came after it was folded."""
    return [] if file.wholly_folded or file.folded is None else [f"block > {file.folded:d}"]


def _outside(file: DayFile, reads: Reads, begin: int, end: int) -> Iterator[str]:
    """Which rows of a file lie in no whole hour of the range. Of one that is wholly folded none that came since: of their sessions
    nobody knows.
    """
    known = f" AND block <= {file.folded:d}" if file.wholly_folded and not file.settled else ""
    if file.first_ms is not None and file.first_ms < begin:
        yield f'"time" < {begin:d}{known}'
    if _is_cut(file, reads):
        yield f'"time" >= {end:d}{known}'


def union(
    columns: Mapping[str, str],
    files: Sequence[DayFile | Gathered],
    only: Mapping[str, str] = MappingProxyType({}),
    table: str = "event_rows",
    instead: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> str:
    """A SELECT of these columns over these files; what a file of an older form has no column for is null.

    `only` is a condition for the rows of a file, by its catalog; `instead` has formulas for columns of it.
    """
    if not files:
        return "SELECT " + ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in columns.items()) + " WHERE false"
    selects = []
    for file in files:
        there = file.columns if isinstance(file, DayFile) and table == "event_rows" else columns.keys()
        told = {name: f"NULL::{kind}" for name, kind in columns.items() if name not in there}
        told |= instead.get(file.catalog, {})
        names = [f'{told[name]} AS "{name}"' if name in told else f'"{name}"' for name in columns]
        where = f" WHERE {only[file.catalog]}" if file.catalog in only else ""
        selects.append(f"SELECT {', '.join(names) or '1'} FROM {file.catalog}.{table}{where}")
    return " UNION ALL ".join(selects)
