"""The control tables, by SQLAlchemy Core, and the revision that tells every process of a change.

Each writing transaction raises the revision, so that a process that polls one number knows when to look again. SQLite by
default, PostgreSQL by its URL. Nothing here runs on the loop.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from openrum.control.deeds import current
from openrum.control.migrations import upgrade
from openrum.errors import Unavailable, ValidationError

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
    sa.Column("purged_ms", sa.BigInteger),  # deleted for so long that its events are gone
    sa.Column("owner_rules", sa.JSON(none_as_null=True)),  # see owner_rules.py
    sa.Column("learned_routes", sa.JSON(none_as_null=True)),
)
sa.Index(
    "one_living_monitor_a_name",
    monitors.c.name,
    unique=True,
    sqlite_where=monitors.c.deleted_ms.is_(None),  # in PostgreSQL, too; to say so here would load its dialect, 2.4 MB
)

metrics_destinations = sa.Table(
    "metrics_destinations",
    metadata,
    sa.Column("monitor_id", sa.String(36), primary_key=True),
    sa.Column("destination", sa.String(16), primary_key=True),
    sa.Column("destination_arn", sa.String(2048)),
    sa.Column("iam_role_arn", sa.Text),
)

metric_definitions = sa.Table(
    "metric_definitions",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("monitor_id", sa.String(36), nullable=False, index=True),
    sa.Column("destination", sa.String(16), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),  # of the destination, rising: the order they were made in
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("value_key", sa.String(280)),
    sa.Column("unit_label", sa.String(256)),
    sa.Column("dimension_keys", sa.JSON, nullable=False),
    sa.Column("event_pattern", sa.Text),
    sa.Column("namespace", sa.String(237)),
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
    sa.Column("expires_ms", sa.BigInteger),
)

console_users = sa.Table(
    "console_users",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),  # in lower case
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("password_hash", sa.String(255), nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("password_ms", sa.BigInteger, nullable=False),  # when the password was set
    sa.Column("signed_in_ms", sa.BigInteger),  # the last time
)

console_sessions = sa.Table(
    "console_sessions",
    metadata,
    sa.Column("token_sha256", sa.LargeBinary(32), primary_key=True),
    sa.Column(
        "user_name",
        sa.String(64),
        sa.ForeignKey("console_users.name", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("seen_ms", sa.BigInteger, nullable=False),  # when it was used last, a few minutes late
    sa.Column("expires_ms", sa.BigInteger, nullable=False),  # however much it is used
)

saved_queries = sa.Table(
    "saved_queries",
    metadata,
    sa.Column("owner", sa.String(64), primary_key=True),  # a console user, an access key, or anyone
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("sql", sa.Text, nullable=False),
    sa.Column("changed_ms", sa.BigInteger, nullable=False),
)

audit_trail = sa.Table(
    "audit_trail",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.String(256), nullable=False),
    sa.Column("operation", sa.String(64), nullable=False),
    sa.Column("target", sa.String(2048), nullable=False),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("request_id", sa.String(36), nullable=False),
    sa.Column("outcome", sa.String(64), nullable=False),  # `done`, or the code of the error that refused it
)

revision = sa.Table("revision", metadata, sa.Column("number", sa.BigInteger, nullable=False))


# A database that does not answer must not hold up those who ask: PostgreSQL's own settings, in seconds and milliseconds.
_PATIENCE = {"connect_timeout": 5, "tcp_user_timeout": 5_000, "options": "-c lock_timeout=5s -c statement_timeout=10s"}


_MODE_S, _MODE_PAUSE_S = 5, 0.01


class Database:
    """Connections and transactions. Any thread."""

    def __init__(self, url: str) -> None:
        """Connect, and bring the tables up to date. Unavailable where the database cannot be reached; ControlVersion."""
        sqlite = url.startswith("sqlite")
        try:
            self._engine = sa.create_engine(url, pool_pre_ping=not sqlite, connect_args={} if sqlite else _PATIENCE)
        except ModuleNotFoundError:
            raise Unavailable("the driver of PostgreSQL is not installed: pip install 'openrum[postgres]'") from None
        except (sa.exc.ArgumentError, ValueError) as error:
            raise Unavailable(f"the URL of the control database cannot be used: {error}") from None
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _prepare_sqlite)
            sa.event.listen(self._engine, "begin", _begin_sqlite)
            if self._engine.url.database:
                Path(self._engine.url.database).touch(mode=0o600)
        try:
            with _as_our_errors():
                upgrade(self._engine)
        except BaseException:
            self._engine.dispose()
            raise

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One consistent view."""
        with _as_our_errors(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One transaction, all or nothing, seen by every process within seconds.

        Raising the revision first takes the lock that keeps two writers from reading what the other is about to change.
        """
        with _as_our_errors(), self._engine.begin() as connection:
            connection.execute(sa.update(revision).values(number=revision.c.number + 1))
            deed = current()
            if deed is not None:
                connection.execute(sa.insert(audit_trail).values(**asdict(deed), outcome="done"))
            yield connection

    @contextmanager
    def note(self) -> Iterator[sa.Connection]:
        """One transaction that changes nothing others act on."""
        with _as_our_errors(), self._engine.begin() as connection:
            yield connection

    def revision(self) -> int:
        """Rises with each change."""
        with self.read() as connection:
            return int(connection.execute(sa.select(revision.c.number)).scalar_one())

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins no transaction of its own: it would leave out DDL
    for pragma in ("busy_timeout=5000", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()
    # The mode stays with the file. Only while it changes, SQLite does not wait for others who open the file, too.
    patience_ends = time.monotonic() + _MODE_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError:
            if time.monotonic() > patience_ends:
                raise
            time.sleep(_MODE_PAUSE_S)
        else:
            return


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('sqlite_begin', '')}")


@contextmanager
def _as_our_errors() -> Iterator[None]:
    """A database that is away is trouble of ours: 503, never 403 or 404. A text that it cannot keep is the sender's."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
        raise Unavailable(f"the control database is away: {error.orig}") from error
    except sa.exc.DataError as error:
        raise ValidationError(f"a value cannot be kept: {error.orig}") from error
