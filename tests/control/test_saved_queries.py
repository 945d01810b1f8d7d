"""Saved SQL: each owner's own, one a name, so many, and gone with the user."""

import pytest

from openrum.control import saved_queries
from openrum.control.database import Database
from openrum.control.passwords import Passwords
from openrum.control.saved_queries import SavedQueries
from openrum.control.users import Users
from openrum.errors import Conflict, ResourceNotFound


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'control.sqlite'}")
    else:
        database = Database(request.getfixturevalue("postgresql").new_database())
    yield database
    database.close()


@pytest.fixture
def saved(database):
    return SavedQueries(database, lambda: 7)


def names(saved, owner):
    return [(each.name, each.sql, each.changed_ms) for each in saved.list(owner)]


def test_a_name_stands_for_one_query_of_its_owner(saved):
    saved.save("ada", "slow pages", "SELECT 1")
    saved.save("ada", "errors", "SELECT 2")
    saved.save("bob", "errors", "SELECT 3")
    saved.save("ada", "errors", "SELECT 4")
    assert names(saved, "ada") == [("errors", "SELECT 4", 7), ("slow pages", "SELECT 1", 7)]
    assert names(saved, "bob") == [("errors", "SELECT 3", 7)]


def test_what_is_removed_is_gone_for_its_owner_alone(saved):
    saved.save("ada", "errors", "SELECT 1")
    saved.save("bob", "errors", "SELECT 2")
    saved.remove("ada", "errors")
    assert names(saved, "ada") == []
    assert names(saved, "bob") == [("errors", "SELECT 2", 7)]
    with pytest.raises(ResourceNotFound, match="errors"):
        saved.remove("ada", "errors")


def test_there_are_only_so_many_and_those_can_still_be_changed(saved, monkeypatch):
    monkeypatch.setattr(saved_queries, "QUERIES_MAX", 2)
    for name in ("a", "b", "b"):
        saved.save("ada", name, "SELECT 1")
    with pytest.raises(Conflict, match="remove one first"):
        saved.save("ada", "c", "SELECT 1")
    saved.save("bob", "c", "SELECT 1")


def test_a_user_that_is_removed_leaves_none_to_the_next_of_that_name(database, saved):
    users = Users(database, Passwords(memory_kib=8), lambda: 7)
    users.create("root", "admin", "a fine password")
    users.create("ada", "viewer", "a fine password")
    saved.save("ada", "errors", "SELECT 1")
    users.remove("ada")
    assert names(saved, "ada") == []
