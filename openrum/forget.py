"""`openrum forget`: a user or a session, gone from the journal, the store and the replays, out of the raw files.

    1  journal   each request of theirs becomes its count: what a rebuild makes is without them
    2  alone     what drain and keeper had read before is applied; what came since is looked through, too
    3  store     each day that holds a row or a replay of theirs is written anew without it

So store and journal agree: what comes while this works is gone from both, or in both. A kill in between leaves a part
undone; the same command again finishes it. What they send afterwards is new. Knows nothing of HTTP; a receipt of the
counts is the caller's to sign.
"""

import re
from dataclasses import dataclass
from functools import partial

import msgspec

from openrum import strict_json
from openrum.events import Batch, Received
from openrum.journal import JournalReader, JournalRewriter, Rewritten
from openrum.keeping import Rewrites, counted_only
from openrum.make_rows import decode
from openrum.outcomes import Reason
from openrum.store import DuckDBStore, Leaving

_BATCH = msgspec.json.Decoder(Batch)
_ESCAPED_DIGIT = re.compile(rb"\\u00(?:2[dD]|3[0-9]|[46][1-6])")  # an id may be written so


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
    """What was found and is gone, and what could not be looked at."""

    journal_days: int
    requests: int
    rows: int
    store_days: int
    unreadable_blocks: int  # of the journal: what they hold, nobody can tell
    files_set_aside: int = 0  # damaged ones, of journal and store, that wait for a person to delete them


class Forgetting:
    """Forgets, beside a running drain."""

    def __init__(
        self, journal: JournalReader, rewriter: JournalRewriter, store: DuckDBStore, rewrites: Rewrites
    ) -> None:
        """`rewrites` is the keeper where one works on the store."""
        self._journal = journal
        self._rewriter = rewriter
        self._store = store
        self._rewrites = rewrites

    def forget(self, subject: Subject) -> Counts:
        """Blocks until it is done. Raises what journal and store raise; then run it again."""
        change = partial(_without, subject=subject)
        leaving = Leaving(
            Reason.FORGOTTEN,
            monitors=[subject.monitor],
            users=[subject.user] if subject.user else [],
            sessions=[subject.session] if subject.session else [],
        )
        looked_through = {day: self._rewriter.rewrite_day(day, change) for day in self._journal.days()}
        more: dict[int, Rewritten] = {}
        rows: dict[int, int] = {}
        with self._rewrites.alone():
            for day in self._journal.days():
                if day >= max(looked_through, default=0):
                    after = looked_through[day].last if day in looked_through else 0
                    more[day] = self._rewriter.rewrite_day(day, change, after=after)
            for day in list(self._store.days())[-1:]:  # the one that is written to
                if self._store.holds(day, leaving):
                    rows[day] = self._store.rewrite(day, leaving)
        for day in list(self._store.days()):
            if day not in rows and self._store.holds(day, leaving):
                rows[day] = self._rewrites.rewrite(day, leaving)
        found = [*looked_through.items(), *more.items()]
        return Counts(
            journal_days=len({day for day, rewritten in found if rewritten.records}),
            requests=sum(rewritten.records for _, rewritten in found),
            rows=sum(rows.values()),
            store_days=len(rows),
            unreadable_blocks=sum(rewritten.damaged for _, rewritten in found),
            files_set_aside=len(self._rewriter.out_of_reach()) + len(self._store.out_of_reach()),
        )


def _without(record: bytes, subject: Subject) -> bytes | None:
    """The count of a request of the subject's; None for any other."""
    named = subject.id.encode() in record.lower()
    if not named and _ESCAPED_DIGIT.search(record) is None:  # most need not be read
        return None
    received = decode(record)
    if not isinstance(received, Received) or received.monitor != subject.monitor:
        return None
    try:
        sender = strict_json.decode(received.body, _BATCH).UserDetails
    except (strict_json.NotJson, msgspec.ValidationError):  # what the door would not take today, and nobody can read
        return counted_only(received, Reason.FORGOTTEN) if named else None
    sent_by = sender.userId if subject.user else sender.sessionId
    if sent_by is None or sent_by.lower() != subject.id:
        return None
    return counted_only(received, Reason.FORGOTTEN)
