"""The console's users as rows: made, listed, changed, removed. Passwords are kept as hashes and shown nowhere.

There is always an admin left, once there was one: the last can be neither removed nor made a viewer.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from openrum.control.database import Database, console_sessions, console_users, saved_queries
from openrum.control.passwords import BadUser, Passwords, check_password
from openrum.errors import Conflict, ResourceNotFound

USER_ROLES = ("admin", "viewer")
FIRST_USER = "admin"
_KIND = "ConsoleUser"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")


@dataclass(frozen=True, slots=True)
class User:
    """A user as the sign-in needs it. The hash stays out of any text made of it."""

    name: str
    role: str
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UserSummary:
    """A user as it is listed. `signed_in_ms` is the last time; None where there was none."""

    name: str
    role: str
    created_ms: int
    password_ms: int
    signed_in_ms: int | None


class Users:
    """The users of one control database. Blocks; never on the loop."""

    def __init__(self, database: Database, passwords: Passwords, now_ms: Callable[[], int]) -> None:
        self._database = database
        self._passwords = passwords
        self._now_ms = now_ms

    def create(self, name: str, role: str, password: str) -> str:
        """A new user; the name as it is kept. BadUser, or Conflict where the name is taken."""
        name = checked_name(name)
        _check_role(role)
        check_password(password, name)
        password_hash = self._passwords.hash(password)  # before the transaction: nobody waits behind a hash
        now_ms = self._now_ms()
        made = sa.insert(console_users).values(
            name=name, role=role, password_hash=password_hash, created_ms=now_ms, password_ms=now_ms
        )
        with self._database.write() as connection:
            if _row(connection, name) is not None:
                raise Conflict(f"there is a user {name} already", resource_name=name, resource_type=_KIND)
            connection.execute(made)
        return name

    def find(self, name: str) -> User | None:
        """By name, in upper or lower case; None for what is no name, too."""
        if not _NAME.fullmatch(name):
            return None
        with self._database.read() as connection:
            row = _row(connection, name.lower())
        return None if row is None else User(row.name, row.role, row.password_hash)

    def list(self) -> list[UserSummary]:
        """All users, by name."""
        columns = (console_users.c[name] for name in UserSummary.__slots__)
        with self._database.read() as connection:
            rows = connection.execute(sa.select(*columns).order_by(console_users.c.name))
            return [UserSummary(*row) for row in rows]

    def set_password(self, name: str, password: str, *, field: str = "password", was: User | None = None) -> None:
        """A new password; every session of the user ends. BadUser, which names this field, or ResourceNotFound.

        With `was`, Conflict where the user is no longer as it was read then.
        """
        name = _known_form(name)
        check_password(password, name, field)
        values = {"password_hash": self._passwords.hash(password), "password_ms": self._now_ms()}
        with self._database.write() as connection:
            row = _row(connection, name)
            if row is None:
                raise _no_user(name)
            if was is not None and row.password_hash != was.password_hash:
                raise user_changed(name)
            connection.execute(sa.update(console_users).where(console_users.c.name == name).values(**values))
            connection.execute(sa.delete(console_sessions).where(console_sessions.c.user_name == name))

    def set_role(self, name: str, role: str) -> None:
        """From the next request on. BadUser, ResourceNotFound, or Conflict for the last admin."""
        _check_role(role)
        name = _known_form(name)
        with self._database.write() as connection:
            _check_admin_left(connection, name, role)
            connection.execute(sa.update(console_users).where(console_users.c.name == name).values(role=role))

    def remove(self, name: str) -> None:
        """The user is gone, and every session and saved query with it. ResourceNotFound, or Conflict for the last admin."""
        name = _known_form(name)
        with self._database.write() as connection:
            _check_admin_left(connection, name, "")
            connection.execute(sa.delete(saved_queries).where(saved_queries.c.owner == name))
            connection.execute(sa.delete(console_users).where(console_users.c.name == name))


def checked_name(name: str) -> str:
    """The name as it is kept: in lower case. BadUser where it is none."""
    if not _NAME.fullmatch(name):
        raise BadUser(
            "name", "must be 1 to 64 letters, digits and . _ - @ + of ASCII, and begin with a letter or digit"
        )
    return name.lower()


def user_changed(name: str) -> Conflict:
    """Between a look at the password and what it was for, somebody else changed it, or removed the user."""
    return Conflict("the user was changed just now; try again", resource_name=name, resource_type=_KIND)


def _known_form(name: str) -> str:
    """The name as it is kept. ResourceNotFound for what can be nobody's."""
    if not _NAME.fullmatch(name):
        raise _no_user(name)
    return name.lower()


def _check_role(role: str) -> None:
    if role not in USER_ROLES:
        raise BadUser("role", f"must be one of {', '.join(USER_ROLES)}")


def _check_admin_left(connection: sa.Connection, name: str, role: str) -> None:
    """Whether there is an admin once this user has another role, or none. Writers wait for each other: see `write`."""
    row = _row(connection, name)
    if row is None:
        raise _no_user(name)
    others = sa.select(sa.func.count()).where(console_users.c.role == "admin", console_users.c.name != name)
    if row.role == "admin" and role != "admin" and connection.execute(others).scalar_one() == 0:
        raise Conflict(f"{name} is the last admin; make another one first", resource_name=name, resource_type=_KIND)


def _row(connection: sa.Connection, name: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(console_users).where(console_users.c.name == name)).first()


def _no_user(name: str) -> ResourceNotFound:
    return ResourceNotFound(f"there is no user {name[:64]!r}", resource_name=name[:64], resource_type=_KIND)
