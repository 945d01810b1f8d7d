"""Guests: web pages that sign with credentials of an hour, for the monitors of their identity pool and nothing but sending.

Nothing is stored. The secret of a guest's key is derived from its id, and the session token says under our signature
which monitors it is for and until when, so that every process with the same key file knows every guest.
"""

import base64
import secrets
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from openrum.control.keys import AccessKey
from openrum.control.secrets import Sealer
from openrum.control.tokens import Tokens
from openrum.errors import AccessDenied, ValidationError

PREFIX = "ASIA"
_ID_ALPHABET = string.ascii_uppercase + "234567"
_PURPOSE = "guest"


@dataclass(frozen=True, slots=True)
class GuestCredentials:
    """What a page signs with."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expires_ms: int


class Guests:
    """Mints guests' credentials, and knows them again."""

    def __init__(self, sealer: Sealer, now_ms: Callable[[], int]) -> None:
        self._sealer = sealer
        self._tokens = Tokens(sealer)
        self._now_ms = now_ms

    def mint(self, monitor_ids: Sequence[str], duration_s: int) -> GuestCredentials:
        """Credentials for sending to these monitors, from now on."""
        key_id = PREFIX + "".join(secrets.choice(_ID_ALPHABET) for _ in range(16))
        expires_ms = self._now_ms() + duration_s * 1_000
        token = self._tokens.make((key_id, list(monitor_ids), expires_ms), _PURPOSE)
        return GuestCredentials(key_id, self._secret(key_id), token, expires_ms)

    def secret(self, access_key_id: str) -> str | None:
        """None for an id that is no guest's. Whoever knows the secret was given it here, for the token decides."""
        return self._secret(access_key_id) if access_key_id.startswith(PREFIX) else None

    def admit(self, access_key_id: str, session_token: str | None, monitor_id: str) -> AccessKey:
        """The guest's key, of the role ingest. AccessDenied, with the code that AWS answers."""
        try:
            key_id, monitor_ids, expires_ms = self._tokens.read(session_token or "", _PURPOSE)
        except ValidationError:
            key_id = None
        if key_id != access_key_id:
            raise AccessDenied("The session token is not that of this access key.", code="InvalidClientTokenId")
        if expires_ms <= self._now_ms():
            raise AccessDenied("The session has expired; ask the identity pool again.", code="ExpiredTokenException")
        if monitor_id not in monitor_ids:
            raise AccessDenied("The identity pool of this session is not that of this app monitor.")
        return AccessKey(access_key_id, "guest", "ingest", self._secret(access_key_id), expires_ms)

    def _secret(self, key_id: str) -> str:
        """40 characters, as AWS's."""
        return base64.b64encode(self._sealer.derive(f"guest {key_id}".encode()))[:40].decode()
