"""The control tables are brought up to date: from nothing, from every step, once, and never from a future."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from openrum.control import migrations
from openrum.control.database import Database, metadata
from openrum.control.migrations import ControlVersion
from openrum.errors import Unavailable


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'control.sqlite'}"
    return request.getfixturevalue("postgresql").new_database()


def test_the_steps_add_up_to_the_tables_that_the_code_uses(empty_url):
    Database(empty_url).close()
    engine = sa.create_engine(empty_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_the_last_step_is_the_one_that_the_start_asks_for():
    script = ScriptDirectory(str(migrations.FOLDER))
    assert script.get_heads() == [migrations.HEAD]
    assert [step.revision for step in script.walk_revisions()][-1] == "0001"


def test_a_second_start_changes_nothing(empty_url):
    database = Database(empty_url)
    revision = database.revision()
    database.close()
    again = Database(empty_url)
    assert again.revision() == revision
    again.close()


def test_a_directory_older_than_the_first_step_is_taken_over(tmp_path):
    url = f"sqlite:///{tmp_path / 'control.sqlite'}"
    Database(url).close()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in (
            "DROP TABLE alembic_version",
            "DROP TABLE metrics_destinations",
            "DROP TABLE metric_definitions",
            "DROP TABLE audit_trail",
            "DROP TABLE console_sessions",
            "DROP TABLE console_users",
            "DROP TABLE saved_queries",
            "ALTER TABLE monitors DROP COLUMN purged_ms",
            "ALTER TABLE monitors DROP COLUMN owner_rules",
            "ALTER TABLE monitors DROP COLUMN learned_routes",
            "ALTER TABLE access_keys DROP COLUMN expires_ms",
            "UPDATE revision SET number = 7",
        ):
            connection.exec_driver_sql(statement)
    engine.dispose()
    database = Database(url)
    assert database.revision() == 7
    database.close()


def test_tables_of_a_newer_openrum_are_refused_and_left_alone(empty_url):
    Database(empty_url).close()
    engine = sa.create_engine(empty_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ControlVersion, match="newer OpenRUM"):
        Database(empty_url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "9999"
    engine.dispose()


def test_two_that_start_at_once_take_the_steps_once(empty_url):
    ready = threading.Barrier(4)

    def start():
        ready.wait()
        Database(empty_url).close()

    with ThreadPoolExecutor(4) as pool:
        for started in [pool.submit(start) for _ in range(4)]:
            started.result()
    database = Database(empty_url)
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM revision").scalar() == 1
    database.close()


def test_a_step_that_fails_leaves_nothing_behind(empty_url, monkeypatch):
    """All steps are one transaction, DDL included, on SQLite too."""

    def fail(connection):
        real(connection)
        raise RuntimeError("the lights went out")

    real = migrations._take_steps
    monkeypatch.setattr(migrations, "_take_steps", fail)
    with pytest.raises(RuntimeError):
        Database(empty_url)
    engine = sa.create_engine(empty_url)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://host:port/db", "postgresql+psycopg://", "postgresql+psycopg:///x?host=/nowhere"]
)
def test_a_database_that_cannot_be_reached_is_said_in_one_line(url):
    with pytest.raises(Unavailable, match="control database"):
        Database(url)


def test_a_driver_that_is_not_there_is_named_with_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(Unavailable, match="openrum\\[postgres\\]"):
        Database("postgresql+psycopg:///x")
