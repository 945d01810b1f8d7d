"""Brings the control tables up to date, one numbered step of `versions/` after the other, all in one transaction.

A process that finds them so asks one question and does not even import Alembic. Steps are written once and never changed;
a test holds their sum against `database.metadata`.
"""

from pathlib import Path

import sqlalchemy as sa

HEAD = "0007"
"""The last step."""

FOLDER = Path(__file__).parent
_VERSION = sa.table("alembic_version", sa.column("version_num"))
_POSTGRESQL_LOCK = 0x6F70656E72756D  # any number that nobody else locks


class ControlVersion(Exception):
    """The control tables were made by a newer OpenRUM. The message says what to do."""


def upgrade(engine: sa.Engine) -> None:
    """Take every step that is not taken yet. Safe when two processes start at once. Raises ControlVersion."""
    with engine.connect() as connection:
        if _version(connection) == HEAD:
            return
    with engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_POSTGRESQL_LOCK)))
        _take_steps(connection)


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(_VERSION.name):
        return None
    found: str | None = connection.execute(sa.select(_VERSION.c.version_num)).scalar()
    return found


def _take_steps(connection: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415 - a fifth of a second that most starts need not spend
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    try:
        command.upgrade(config, HEAD)
    except CommandError as error:
        raise ControlVersion(
            f"the control database is of a newer OpenRUM ({error}); start that one, or restore a backup"
        ) from None
