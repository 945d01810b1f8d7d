"""Who is signed in at the console, as rows, so that it outlives a restart; and in memory, for the door.

The browser holds a token of 256 random bits, the table its SHA-256: who reads the table cannot come in with it. A session
ends when nobody has used it for a while, when it is old, and when it or its user is ended.
"""

import asyncio
import hashlib
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import sqlalchemy as sa

from openrum.control.database import Database, console_sessions, console_users
from openrum.control.users import User, user_changed
from openrum.errors import Unavailable

_TOKEN_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_SESSIONS_A_USER = 50  # the oldest give way
_SEEN_MS_MAX = 300_000  # how late the row may be in saying when it was used last
_FRESH_MS = 1_000  # another process may end a session: it is over here as soon as a revoked key is
_KNOWN_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of a user, with the role of this moment. The token's hash stays out of any text made of it."""

    user: str
    role: str
    token_sha256: bytes = field(repr=False)
    seen_ms: int
    expires_ms: int


class ConsoleSessions:
    """The sessions of one control database. Blocks; never on the loop."""

    def __init__(self, database: Database, now_ms: Callable[[], int], *, idle_ms: int, longest_ms: int) -> None:
        self._database = database
        self._now_ms = now_ms
        self._idle_ms = idle_ms
        self._longest_ms = longest_ms
        self._seen_every_ms = min(_SEEN_MS_MAX, idle_ms // 10)

    def open(self, user: User, *, replaces: str = "") -> tuple[str, Session]:
        """A new session, and its token, which is shown this once. `replaces` is a token that ends with it.

        Conflict where the user was given another password, or was removed, since it was looked at.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        now_ms = self._now_ms()
        found = Session(user.name, user.role, digest_of(token), now_ms, now_ms + self._longest_ms)
        as_read = (console_users.c.name == user.name) & (console_users.c.password_hash == user.password_hash)
        row = {
            "token_sha256": found.token_sha256,
            "user_name": user.name,
            "created_ms": now_ms,
            "seen_ms": now_ms,
            "expires_ms": found.expires_ms,
        }
        with self._database.write() as connection:
            signed_in = sa.update(console_users).where(as_read).values(signed_in_ms=now_ms)
            if connection.execute(signed_in).rowcount == 0:
                raise user_changed(user.name)
            self._make_room(connection, user.name, replaces)
            connection.execute(sa.insert(console_sessions).values(row))
        return token, found

    def _make_room(self, connection: sa.Connection, user: str, replaces: str) -> None:
        """What is over goes, of all users; of this one's sessions the oldest, where there are too many."""
        rows, now_ms = console_sessions.c, self._now_ms()
        over = (rows.expires_ms <= now_ms) | (rows.seen_ms <= now_ms - self._idle_ms)
        connection.execute(sa.delete(console_sessions).where(over | (rows.token_sha256 == digest_of(replaces))))
        newest = sa.select(rows.token_sha256).where(rows.user_name == user).order_by(rows.created_ms.desc())
        kept = connection.execute(newest.limit(_SESSIONS_A_USER - 1)).scalars().all()
        spare = (rows.user_name == user) & rows.token_sha256.not_in(kept)
        connection.execute(sa.delete(console_sessions).where(spare))

    def find(self, token_sha256: bytes) -> Session | None:
        """The session, if it lasts; its row learns now and then that it was used."""
        rows, users = console_sessions.c, console_users.c
        query = (
            sa.select(users.name, users.role, rows.token_sha256, rows.seen_ms, rows.expires_ms)
            .join_from(console_sessions, console_users)
            .where(rows.token_sha256 == token_sha256)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None or not self.lasts(session := Session(*row)):
            return None
        now_ms = self._now_ms()
        if now_ms - session.seen_ms >= self._seen_every_ms:
            seen = sa.update(console_sessions).where(rows.token_sha256 == token_sha256).values(seen_ms=now_ms)
            with suppress(Unavailable), self._database.note() as connection:
                connection.execute(seen)
        return session

    def lasts(self, session: Session) -> bool:
        """Whether it is neither too old nor too long unused."""
        now_ms = self._now_ms()
        return now_ms < session.expires_ms and now_ms < session.seen_ms + self._idle_ms

    def end(self, session: Session, *, everywhere: bool = False) -> int:
        """End it, or every session of its user; how many there were."""
        rows = console_sessions.c
        which = rows.user_name == session.user if everywhere else rows.token_sha256 == session.token_sha256
        with self._database.write() as connection:
            return connection.execute(sa.delete(console_sessions).where(which)).rowcount


class KnownSessions:
    """The sessions, as the door asks for them. Used on the loop; looks off it."""

    def __init__(self, sessions: ConsoleSessions, now_ms: Callable[[], int]) -> None:
        self._sessions = sessions
        self._now_ms = now_ms
        self._known: OrderedDict[bytes, tuple[int, Session]] = OrderedDict()
        self._changes = 0

    async def find(self, token: str) -> Session | None:
        """The session of a token, if it lasts. While the database is away, from what is known; else Unavailable."""
        if not _TOKEN.fullmatch(token):
            return None
        token_sha256 = digest_of(token)
        now_ms = self._now_ms()
        looked_ms, known = self._known.get(token_sha256, (0, None))
        if known is not None and 0 <= now_ms - looked_ms < _FRESH_MS and self._sessions.lasts(known):
            return known
        changes = self._changes
        try:
            found = await asyncio.to_thread(self._sessions.find, token_sha256)
        except Unavailable:
            if known is None or not self._sessions.lasts(known):
                raise
            return known
        self._known.pop(token_sha256, None)
        if found is not None and changes == self._changes:  # else what was read may be over already
            self._known[token_sha256] = now_ms, found
            if len(self._known) > _KNOWN_MAX:
                self._known.popitem(last=False)
        return found

    def forget(self) -> None:
        """Something was changed: look again at all of them."""
        self._changes += 1
        self._known.clear()


def digest_of(token: str) -> bytes:
    """What the table keeps of a token. Of 256 random bits, so a plain hash will do."""
    return hashlib.sha256(token.encode()).digest()
