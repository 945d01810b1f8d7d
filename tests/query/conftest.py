"""A store with a handful of events, and a way to ask it."""

import itertools

import msgspec
import pytest

from openrum.events import Row
from openrum.limits import DEFAULTS
from openrum.outcomes import Outcome, Reason
from openrum.query.catalogue import SPECIAL
from openrum.query.question import QuestionForm, parse_question
from openrum.query.run import run
from openrum.store import DuckDBStore, Group

MONITOR = "0a0a0a0a-0000-4000-8000-000000000001"
NOW_MS = 1_795_348_800_000  # 2026-11-22T12:00:00Z
HOUR_MS = 3_600_000
_numbers = itertools.count(1)
_blocks = itertools.count(1)


def session(number):
    return f"00000000-0000-4000-8000-{number:012d}"


def row(event_type="page_view_event", *, ago_ms=1_000, monitor=MONITOR, **members):
    """An event of now, of the client's own types unless the name has a dot."""
    number = next(_numbers)
    return Row(
        monitor=monitor,
        id=f"11111111-0000-4000-8000-{number:012d}",
        time=NOW_MS - ago_ms,
        received=NOW_MS,
        type=event_type if "." in event_type else f"com.amazon.rum.{event_type}",
        day=20_000,
        block=1,
        record=0,
        index=number,
        outcome=Outcome.STORED,
        reason=Reason.NONE,
        **members,
    )


class Asker:
    def __init__(self, store):
        self.store = store

    def add(self, *rows):
        self.store.apply(Group(msgspec.json.Encoder().encode_lines(rows), (20_000, next(_blocks))))

    def parse(self, measures=("events",), limits=DEFAULTS, **members):
        form = {"monitor": "shop", "measures": list(measures), "from": "-1h", **members}
        return parse_question(msgspec.convert(form, QuestionForm), MONITOR, NOW_MS, limits)

    def answer(self, *arguments, **members):
        return run(self.parse(*arguments, **members), self.store, DEFAULTS)

    def rows(self, *arguments, **members):
        return self.answer(*arguments, **members).rows

    def special(self, name, **members):
        """The answer to a special question about the last hour."""
        form = msgspec.convert({"monitor": "shop", "from": "-1h", **members}, SPECIAL[name].form)
        return SPECIAL[name].run(form, MONITOR, NOW_MS, self.store, DEFAULTS)


@pytest.fixture
def ask(tmp_path):
    store = DuckDBStore(tmp_path / "store", DEFAULTS)
    yield Asker(store)
    store.close()
