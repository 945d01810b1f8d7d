"""SQL that people keep under a name, each their own. Only text: nothing here reads or runs it."""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from openrum.control.database import Database, saved_queries
from openrum.errors import Conflict, ResourceNotFound

NAME_CHARS_MAX = 120
QUERIES_MAX = 200
"""Of one owner."""
_KIND = "SavedQuery"


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A query by its name."""

    name: str
    sql: str
    changed_ms: int


class SavedQueries:
    """The queries of one control database. Blocks; never on the loop."""

    def __init__(self, database: Database, now_ms: Callable[[], int]) -> None:
        self._database = database
        self._now_ms = now_ms

    def list(self, owner: str) -> list[SavedQuery]:
        """All of an owner's, by name."""
        columns = (saved_queries.c[name] for name in SavedQuery.__slots__)
        query = sa.select(*columns).where(saved_queries.c.owner == owner).order_by(saved_queries.c.name)
        with self._database.read() as connection:
            return [SavedQuery(*row) for row in connection.execute(query)]

    def save(self, owner: str, name: str, sql: str) -> None:
        """Keep it, in the place of one of the same name. Conflict where the owner has as many as may be."""
        which = (saved_queries.c.owner == owner) & (saved_queries.c.name == name)
        values = {"sql": sql, "changed_ms": self._now_ms()}
        count = sa.select(sa.func.count()).where(saved_queries.c.owner == owner)
        with self._database.write() as connection:
            if connection.execute(sa.update(saved_queries).where(which).values(**values)).rowcount:
                return
            if connection.execute(count).scalar_one() >= QUERIES_MAX:
                message = f"there are {QUERIES_MAX} saved queries already; remove one first"
                raise Conflict(message, resource_name=name, resource_type=_KIND)
            connection.execute(sa.insert(saved_queries).values(owner=owner, name=name, **values))

    def remove(self, owner: str, name: str) -> None:
        """It is gone. ResourceNotFound."""
        which = (saved_queries.c.owner == owner) & (saved_queries.c.name == name)
        with self._database.write() as connection:
            if connection.execute(sa.delete(saved_queries).where(which)).rowcount == 0:
                message = f"there is no saved query {name[:64]!r}"
                raise ResourceNotFound(message, resource_name=name, resource_type=_KIND)
