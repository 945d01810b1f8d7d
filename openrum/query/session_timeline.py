"""One session from its first event to its last. The raw form of an event is in the journal, at the position in its row."""

from collections.abc import Sequence
from dataclasses import replace

from openrum.query.question import BadQuestion
from openrum.query.scope import Filter, Scope
from openrum.query.sequence import BEHIND, IN_ORDER, POSITION
from openrum.query.sessions import parse_session, summary
from openrum.query.special import Asking, ScopeForm, Special, Table, check_limit
from openrum.query.tree import Parameters, from_template, label

Position = tuple[int, int, int, int]
"""Day, block, record, place in RumEvents."""

PLACE_NAMES = ("time", *POSITION)


class TimelineForm(ScopeForm, kw_only=True):
    """Whose, how many events, and behind which: `behind` of the answer that told the ones before.

    What sums the session up stands beside the first events alone.
    """

    session: str
    limit: int = 1_000
    behind: list[int] | None = None


TELLING = (
    "page", "page_group", "title", "value", "duration", "start_time", "target", "url", "url_host", "http_method", "http_status",
    "first_party", "transfer_size", "file_type", "navigation_type", "interaction_type", "load_state", "dom_event",
    "error", "error_title", "error_type", "error_message", "trace_id", "replay_events", "bot",
)  # fmt: skip
"""What tells an event from others of its type; each type has a few of them."""

COLUMNS = ["id", "time", "type", *TELLING, *POSITION]

_TEMPLATE = (
    'SELECT CAST(id AS VARCHAR) AS id_, "time", @type AS type_, '
    + ", ".join(f'"{name}"' for name in (*TELLING, *POSITION))
    + " FROM scope{behind} ORDER BY "
    + IN_ORDER
    + " LIMIT $limit"
)


def _timeline(form: TimelineForm, scope: Scope, asking: Asking) -> Table:
    limit = check_limit(form.limit, asking.limits)
    session = parse_session(form.session, "session")
    whose = replace(scope, where=(*scope.where, Filter("session", "is", (session,))))
    behind = parse_place(form.behind)
    parameters = Parameters()
    template = _TEMPLATE.format(behind=f" WHERE {BEHIND}" if behind else "")
    built = from_template(
        template, whose, parameters, slots={"type": label("type", parameters)}, limit=limit + 1, **behind
    )
    answer = asking.answer(built)
    rows = [list(row) for row in answer.rows[:limit]]
    more = answer.truncated or len(answer.rows) > limit
    further = [rows[-1][COLUMNS.index(name)] for name in PLACE_NAMES] if more else None
    if behind:
        return asking.table(COLUMNS, rows, behind=further)
    if not more and not scope.where and rows:  # all of it is here: the rest of the range need not be read once more
        time = COLUMNS.index("time")
        scope = replace(scope, from_ms=rows[0][time], to_ms=rows[-1][time] + 1)
    return asking.table(COLUMNS, rows, behind=further, summary=summary(session, scope, asking))


def positions(table: Table) -> list[Position]:
    """Where the raw forms of a timeline's events stand, in its order."""
    first = table.columns.index(POSITION[0])
    return [(row[first], row[first + 1], row[first + 2], row[first + 3]) for row in table.rows]


def parse_place(behind: Sequence[int] | None) -> dict[str, int]:
    """Time and position of `behind` by their names; nothing where it is not given. Raises BadQuestion."""
    if behind is None:
        return {}
    if len(behind) != len(PLACE_NAMES) or any(abs(part) >= 1 << 63 for part in behind):
        raise BadQuestion(
            "behind", "must be what the answer before it says is `behind`: time, day, block, record, index"
        )
    return dict(zip(PLACE_NAMES, behind, strict=True))


SESSION = Special("session", "all events of one session in their order, and what sums it up", TimelineForm, _timeline)
