"""Access keys as rows: made, listed, revoked, read back for the doors."""

import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa

from openrum.control.database import Database, access_keys
from openrum.control.dates import iso
from openrum.control.secrets import Sealer
from openrum.errors import ResourceNotFound, ValidationError

ROLES = ("admin", "viewer", "ingest")
_ID_ALPHABET = string.ascii_uppercase + "234567"
_SECRET_ALPHABET = string.ascii_letters + string.digits + "+/"
_NAME_CHARS = 128


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key as the doors need it. The secret stays out of any text made of it."""

    id: str
    name: str
    role: str
    secret: str = field(repr=False)
    expires_ms: int | None = None


@dataclass(frozen=True, slots=True)
class KeySummary:
    """A key as it is listed."""

    id: str
    name: str
    role: str
    created_ms: int
    revoked_ms: int | None
    expires_ms: int | None

    def state(self, now_ms: int) -> str:
        """`in use`, `revoked`, `expired` or until when it is used."""
        if self.revoked_ms is not None:
            return "revoked"
        if self.expires_ms is None:
            return "in use"
        return "expired" if self.expires_ms <= now_ms else "in use until " + iso(self.expires_ms)


class Keys:
    """The keys of one control database."""

    def __init__(self, database: Database, sealer: Sealer, now_ms: Callable[[], int]) -> None:
        self._database = database
        self._sealer = sealer
        self._now_ms = now_ms

    def create(self, name: str, role: str) -> AccessKey:
        """A new key; its secret is shown this once. ValidationError for a role that is none."""
        if role not in ROLES:
            raise ValidationError(f"role is {role!r}; it must be one of {', '.join(ROLES)}")
        if not 1 <= len(name) <= _NAME_CHARS or not name.isprintable():
            raise ValidationError(f"the name of a key must be 1 to {_NAME_CHARS} characters that can be printed")
        with self._database.write() as connection:
            return self._insert(connection, name, role)

    def rotate(self, key_id: str, overlap_ms: int) -> AccessKey:
        """A new key in the place of one, which ends after the overlap. ResourceNotFound as for `revoke`."""
        with self._database.write() as connection:
            old = connection.execute(sa.select(access_keys).where(_living(key_id))).first()
            if old is None:
                raise _no_key(key_id)
            ends_ms = self._now_ms() + overlap_ms
            if old.expires_ms is not None:
                ends_ms = min(ends_ms, old.expires_ms)
            connection.execute(sa.update(access_keys).where(access_keys.c.id == key_id).values(expires_ms=ends_ms))
            return self._insert(connection, old.name, old.role)

    def _insert(self, connection: sa.Connection, name: str, role: str) -> AccessKey:
        key = AccessKey(
            id="AKIA" + "".join(secrets.choice(_ID_ALPHABET) for _ in range(16)),
            name=name,
            role=role,
            secret="".join(secrets.choice(_SECRET_ALPHABET) for _ in range(40)),
        )
        connection.execute(
            sa.insert(access_keys).values(
                id=key.id,
                name=name,
                role=role,
                sealed_secret=self._sealer.seal(key.secret, key.id),
                created_ms=self._now_ms(),
            )
        )
        return key

    def list(self) -> list[KeySummary]:
        """All keys, revoked ones too, oldest first."""
        columns = (access_keys.c[name] for name in KeySummary.__slots__)
        with self._database.read() as connection:
            rows = connection.execute(sa.select(*columns).order_by(access_keys.c.created_ms, access_keys.c.id))
            return [KeySummary(*row) for row in rows]

    def revoke(self, key_id: str) -> None:
        """From now on the key opens nothing. ResourceNotFound for a key that is not there or is revoked already."""
        revoked = sa.update(access_keys).where(_living(key_id)).values(revoked_ms=self._now_ms())
        with self._database.write() as connection:
            if connection.execute(revoked).rowcount == 0:
                raise _no_key(key_id)

    def living(self, connection: sa.Connection) -> dict[str, AccessKey]:
        """The keys that open something, with their secrets."""
        rows = connection.execute(sa.select(access_keys).where(access_keys.c.revoked_ms.is_(None)))
        return {
            row.id: AccessKey(
                row.id, row.name, row.role, self._sealer.unseal(row.sealed_secret, row.id), row.expires_ms
            )
            for row in rows
        }


def _living(key_id: str) -> sa.ColumnElement[bool]:
    return (access_keys.c.id == key_id) & access_keys.c.revoked_ms.is_(None)


def _no_key(key_id: str) -> ResourceNotFound:
    return ResourceNotFound(
        f"There is no access key {key_id} that is in use.", resource_name=key_id, resource_type="AccessKey"
    )
