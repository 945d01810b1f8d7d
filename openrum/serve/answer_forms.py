"""What the doors of /api/v1 answer, as forms: for the description at /api/v1/openapi.json, and for the tests that hold it.

The doors write their answers themselves, some of them as bytes that are ready; nothing is made by these forms.
Times are epoch milliseconds.
"""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

Cell = str | int | float | bool | None
Row = list[Cell]


class ErrorTold(Struct):
    """What was wrong: its kind, what to do, and the member of the form where it is."""

    type: str
    message: str
    field: str | None


class ErrorAnswer(Struct):
    """How every error is answered."""

    error: ErrorTold


class HintTold(Struct):
    """A value to be read with care: its row and measure, the samples it stands on, and how many it needs."""

    row: int
    measure: str
    samples: int
    needed: int


class QuestionAnswer(Struct, rename={"from_": "from"}):
    """An answer of the vocabulary. `samples` has, for each row, how many samples are behind each measure."""

    columns: list[str]
    rows: list[Row]
    sql: str
    rows_scanned: int
    elapsed_ms: float
    from_: int
    to: int
    samples: list[list[int | None]]
    hints: list[HintTold]
    totals: Row | None
    other: Row | None
    truncated: bool
    weight: float


class TableAnswer(Struct, rename={"from_": "from"}):
    """An answer beyond one table. Some have more members, which docs/measures.md names."""

    columns: list[str]
    rows: list[list[Any]]
    sql: list[str]
    elapsed_ms: float
    from_: int
    to: int


class SqlAnswer(Struct):
    """Rows of a SELECT; `truncated` where more were there than an answer may have. Types are the engine's names."""

    columns: list[str]
    types: list[str]
    rows: list[list[Any]]
    truncated: bool
    elapsed_ms: float


class MeasureTold(Struct):
    """A measure, and whose definition it is."""

    name: str
    meaning: str
    unit: str
    defined_by: str


class DimensionTold(Struct):
    """A dimension, and the kind of its values."""

    name: str
    meaning: str
    kind: str


class SpecialTold(Struct):
    """A question beyond one table, and the members of its form."""

    name: str
    meaning: str
    members: list[str]


class ColumnTold(Struct):
    """A column of a view."""

    name: str
    type: str
    meaning: str


class ViewTold(Struct):
    """A view that SQL may read."""

    name: str
    meaning: str
    columns: list[ColumnTold]


class OutcomeTold(Struct):
    """An ending of an event: its outcome and reason as the ledger has them, what it means, and what to do about it."""

    outcome: str
    reason: str
    meaning: str
    remedy: str


class VocabularyAnswer(Struct):
    """What may be asked. `attributes` is what stands before the name of a custom attribute."""

    measures: list[MeasureTold]
    dimensions: list[DimensionTold]
    attributes: str
    operators: list[str]
    questions: list[SpecialTold]
    views: list[ViewTold]
    outcomes: list[OutcomeTold]


class LedgerAsked(Struct, rename={"from_": "from"}):
    """A range of hours of receipt; with `samples` the newest event of each reason is told as it was sent."""

    monitor: str
    from_: str = "-24h"
    to: str = "now"
    samples: bool = False


class LedgerSample(Struct):
    """An event that ended in an outcome for a reason; null where the journal has it no more."""

    outcome: str
    reason: str
    hour: int
    event: Any


class LedgerAnswer(Struct):
    """Rows of hour, outcome, reason and count; and the sums by outcome, with what still waits."""

    columns: list[str]
    rows: list[Row]
    totals: dict[str, int]
    samples: list[LedgerSample] | UnsetType = UNSET


class CanaryTold(Struct):
    """The canary's last round; null before the first that went well."""

    every_ms: int
    acknowledged_ms: float | None
    round_trip_ms: float | None
    last_success: int | None
    failures: int


class KeepingTold(Struct):
    """What is on the disk, and for how many days of receipt it stays. `bytes_max` 0 is no bound."""

    journal_bytes: int
    store_bytes: int
    bytes_max: int
    rows_days: int
    journal_days: int
    replay_days: int
    days: int
    first_day: int | None
    days_to_renew: int
    set_aside: list[str]


class HealthAnswer(Struct):
    """How OpenRUM is. `status` is ready or degraded, `problems` says why in words; `canary` is null where none is sent."""

    status: str
    durable: bool
    pending_events: int
    problems: list[str]
    canary: CanaryTold | None
    keeping: KeepingTold


class SavedQueryTold(Struct):
    """SQL under a name."""

    name: str
    sql: str
    changed: int


class SavedQueriesAnswer(Struct):
    """The caller's own, by name."""

    queries: list[SavedQueryTold]


class ExportAsked(Struct, rename={"from_": "from"}):
    """A range of dates; or a date and a part of it, which are answered as Parquet."""

    monitor: str
    from_: str | int = 0
    to: str | int = "now"
    date: str | UnsetType = UNSET
    part: int = 0
    as_of: str | UnsetType = UNSET


class DatesAnswer(Struct):
    """Dates and their events, in parts of so many events; `as_of` belongs into the questions for the parts."""

    columns: list[str]
    rows: list[Row]
    part_events: int
    as_of: str


class ReplayAsked(Struct, rename={"from_": "from"}):
    """A session, in a range or in all there is; or a part of it by its id and its time, which is answered as rrweb's events."""

    monitor: str
    session: str
    from_: str | int = 0
    to: str | int | UnsetType = UNSET
    part: str | UnsetType = UNSET
    time: int | UnsetType = UNSET


class ReplayPart(Struct):
    """A part of a recording: its event's id, how many of rrweb's events the client said it holds, and its size as it is kept."""

    id: str
    time: int
    events: int | None
    bytes: int


class ReplayAnswer(Struct):
    """The parts of a session's recording in the order they are played; `truncated` where more are behind them."""

    parts: list[ReplayPart]
    truncated: bool


class Receipt(Struct):
    """A signed receipt of what was forgotten, and its counts; docs/operations.md tells how to verify it."""

    public_key: str
    signature: str


class Who(Struct):
    """Who asks, and the CSRF token of the session; `auth` is false where nobody need sign in."""

    name: str
    role: Literal["admin", "viewer", "ingest"]
    csrf: str
    auth: bool


class Ended(Struct):
    """How many sessions ended."""

    ended: int


class UserTold(Struct):
    """A console user."""

    name: str
    role: str
    created: int
    password_set: int
    signed_in: int | None


class UsersAnswer(Struct):
    """All console users, by name."""

    users: list[UserTold]


class NewUser(Struct):
    """A user that was made; with the password where one was made, this once."""

    name: str
    role: str
    password: str | UnsetType = UNSET


class Nothing(Struct):
    """It is done."""
