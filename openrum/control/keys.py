"""Access keys as rows: made, listed, revoked, read back for the doors."""

import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa

from openrum.control.database import Database, access_keys
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


@dataclass(frozen=True, slots=True)
class KeySummary:
    """A key as it is listed."""

    id: str
    name: str
    role: str
    created_ms: int
    revoked_ms: int | None


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
        if not 1 <= len(name) <= _NAME_CHARS:
            raise ValidationError(f"the name of a key must be 1 to {_NAME_CHARS} characters long")
        key = AccessKey(
            id="AKIA" + "".join(secrets.choice(_ID_ALPHABET) for _ in range(16)),
            name=name,
            role=role,
            secret="".join(secrets.choice(_SECRET_ALPHABET) for _ in range(40)),
        )
        with self._database.write() as connection:
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
        columns = (access_keys.c[name] for name in ("id", "name", "role", "created_ms", "revoked_ms"))
        with self._database.read() as connection:
            rows = connection.execute(sa.select(*columns).order_by(access_keys.c.created_ms, access_keys.c.id))
            return [KeySummary(*row) for row in rows]

    def revoke(self, key_id: str) -> None:
        """From now on the key opens nothing. ResourceNotFound for a key that is not there or is revoked already."""
        living = (access_keys.c.id == key_id) & access_keys.c.revoked_ms.is_(None)
        with self._database.write() as connection:
            if connection.execute(sa.update(access_keys).where(living).values(revoked_ms=self._now_ms())).rowcount == 0:
                raise ResourceNotFound(
                    f"There is no access key {key_id}.", resource_name=key_id, resource_type="AccessKey"
                )

    def living(self, connection: sa.Connection) -> dict[str, AccessKey]:
        """The keys that open something, with their secrets."""
        rows = connection.execute(sa.select(access_keys).where(access_keys.c.revoked_ms.is_(None)))
        return {
            row.id: AccessKey(row.id, row.name, row.role, self._sealer.unseal(row.sealed_secret, row.id))
            for row in rows
        }
