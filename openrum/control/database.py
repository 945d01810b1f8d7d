"""The control tables, by SQLAlchemy Core, and the revision that tells every process of a change.

Each writing transaction raises the revision, so that a process that polls one number knows when to look again. SQLite by
default; any URL that SQLAlchemy takes. Nothing here runs on the loop.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from openrum.errors import Unavailable

metadata = sa.MetaData()

monitors = sa.Table(
    "monitors",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("domain", sa.String(253)),  # as given by Domain, or …
    sa.Column("domain_list", sa.JSON),  # … by DomainList; exactly one of the two
    sa.Column("configuration", sa.JSON, nullable=False),
    sa.Column("custom_events", sa.String(16), nullable=False),
    sa.Column("deobfuscation", sa.JSON, nullable=False),
    sa.Column("cw_log_enabled", sa.Boolean, nullable=False),
    sa.Column("platform", sa.String(16), nullable=False),
    sa.Column("tags", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("modified_ms", sa.BigInteger, nullable=False),
    sa.Column("deleted_ms", sa.BigInteger),
    sa.Column("policy", sa.Text),
    sa.Column("policy_revision", sa.String(255)),
)
sa.Index(
    "one_living_monitor_a_name",
    monitors.c.name,
    unique=True,
    sqlite_where=monitors.c.deleted_ms.is_(None),
    postgresql_where=monitors.c.deleted_ms.is_(None),
)

access_keys = sa.Table(
    "access_keys",
    metadata,
    sa.Column("id", sa.String(20), primary_key=True),
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("revoked_ms", sa.BigInteger),
)

revision = sa.Table("revision", metadata, sa.Column("number", sa.BigInteger, nullable=False))


class Database:
    """Connections and transactions. Any thread."""

    def __init__(self, url: str) -> None:
        """Connect and make the tables that are not there. Unavailable where the database cannot be reached."""
        self._engine = sa.create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _prepare_sqlite)
            if self._engine.url.database:
                Path(self._engine.url.database).touch(mode=0o600)
        with _as_unavailable(), self._engine.begin() as connection:
            metadata.create_all(connection)
            if connection.execute(sa.select(revision)).first() is None:
                connection.execute(sa.insert(revision).values(number=1))

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One consistent view."""
        with _as_unavailable(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One transaction, all or nothing, seen by every process within seconds.

        Raising the revision first takes the lock that keeps two writers from reading what the other is about to change.
        """
        with _as_unavailable(), self._engine.begin() as connection:
            connection.execute(sa.update(revision).values(number=revision.c.number + 1))
            yield connection

    def revision(self) -> int:
        """Rises with each change."""
        with self.read() as connection:
            return int(connection.execute(sa.select(revision.c.number)).scalar_one())

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


@contextmanager
def _as_unavailable() -> Iterator[None]:
    """A database that is away is trouble of ours: 503, never 403 or 404."""
    try:
        yield
    except sa.exc.OperationalError as error:
        raise Unavailable(f"the control database is away: {error.orig}") from error
    except sa.exc.InterfaceError as error:
        raise Unavailable(f"the control database is away: {error.orig}") from error
