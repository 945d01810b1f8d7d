"""The audit trail of control operations: who did what to what, when, from where, and how it ended.

A deed that changes something is noted by `Database.write` in the very transaction that changes it: there is no change
without its row, and no row without its change. A deed that was refused is noted here, by itself. Rows are only ever added.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from openrum.control.database import Database, audit_trail
from openrum.control.deeds import Deed, doing
from openrum.errors import ClientError


class Audit:
    """The trail of one control database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def noting(self, deed: Deed) -> Iterator[None]:
        """Do something as this deed. A refusal is noted and raised again; trouble of ours is no outcome of a deed."""
        try:
            with doing(deed):
                yield
        except ClientError as error:
            with self._database.note() as connection:
                connection.execute(sa.insert(audit_trail).values(**asdict(deed), outcome=error.code))
            raise

    def note(self, deed: Deed) -> None:
        """Note a deed that is done, and that changed something beside the control tables."""
        with self._database.note() as connection:
            connection.execute(sa.insert(audit_trail).values(**asdict(deed), outcome="done"))

    def latest(self, size: int, target: str | None = None) -> Sequence[sa.Row[Any]]:
        """Up to `size` rows, the latest first; all, or those about one target."""
        query = sa.select(audit_trail).order_by(audit_trail.c.number.desc()).limit(size)
        if target is not None:
            query = query.where(audit_trail.c.target == target)
        with self._database.read() as connection:
            return connection.execute(query).all()
