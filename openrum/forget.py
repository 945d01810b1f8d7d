"""`openrum forget`: a user or a session, gone from the journal, the store and the replays, out of the raw files.

    1  journal   each request of theirs becomes its count: what a rebuild makes is without them
    2  barrier   what the drain had read before is applied
    3  store     each day that holds a row or a replay of theirs is written anew without it

A kill in between leaves a part undone; the same command again finishes it. What they send afterwards is new. Knows
nothing of HTTP; a receipt of the counts is the caller's to sign.
"""

from dataclasses import dataclass
from functools import partial

import msgspec

from openrum import strict_json
from openrum.drain import Drain
from openrum.events import Batch, Received
from openrum.journal import JournalReader, JournalRewriter
from openrum.keeping import Keeper, counted_only
from openrum.make_rows import decode
from openrum.outcomes import Reason
from openrum.store import DuckDBStore, Leaving

_BATCH = msgspec.json.Decoder(Batch)


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is forgotten, of which monitor: one of the two, as UUIDs in lower case."""

    monitor: str
    user: str | None = None
    session: str | None = None

    @property
    def id(self) -> str:
        """The one that is given."""
        found = self.user or self.session
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Counts:
    """What was found and is gone."""

    journal_days: int
    requests: int
    rows: int
    store_days: int
    unreadable_blocks: int  # of the journal: what they hold, nobody can tell


class Forgetting:
    """Forgets, beside a running drain."""

    def __init__(
        self, journal: JournalReader, rewriter: JournalRewriter, store: DuckDBStore, drain: Drain, keeper: Keeper
    ) -> None:
        self._journal = journal
        self._rewriter = rewriter
        self._store = store
        self._drain = drain
        self._keeper = keeper

    def forget(self, subject: Subject) -> Counts:
        """Blocks until it is done. Raises what journal and store raise; then run it again."""
        days = requests = damaged = 0
        for day in self._journal.days():
            rewritten = self._rewriter.rewrite_day(day, partial(_without, subject=subject))
            days += rewritten.records > 0
            requests += rewritten.records
            damaged += rewritten.damaged
        with self._drain.stopped():
            pass  # what it had read before is applied, and goes with the rest
        leaving = Leaving(
            Reason.FORGOTTEN,
            monitors=[subject.monitor],
            users=[subject.user] if subject.user else [],
            sessions=[subject.session] if subject.session else [],
        )
        rows = store_days = 0
        for day in list(self._store.days()):
            if self._store.holds(day, leaving):
                rows += self._keeper.rewrite(day, leaving)
                store_days += 1
        return Counts(days, requests, rows, store_days, damaged)


def _without(record: bytes, subject: Subject) -> bytes | None:
    """The count of a request of the subject's; None for any other."""
    if subject.id.encode() not in record.lower():  # most need not be read
        return None
    received = decode(record)
    if not isinstance(received, Received) or received.monitor != subject.monitor:
        return None
    sender = strict_json.decode(received.body, _BATCH).UserDetails
    sent_by = sender.userId if subject.user else sender.sessionId
    if sent_by is None or sent_by.lower() != subject.id:
        return None
    return counted_only(received, Reason.FORGOTTEN)
