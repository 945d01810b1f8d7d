"""Passwords of console users: what a good one is, a new one, and its hash (argon2id). Knows neither users nor tables.

Hashing takes tens of milliseconds of one core and 46 MiB while it lasts: never on the loop, and one at a time.
"""

import base64
import os
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import HashingError, VerificationError, VerifyMismatchError
from argon2.low_level import ARGON2_VERSION, Type

from openrum.errors import Unavailable, ValidationError

CHARS_MIN = 12
CHARS_MAX = 256
_KINDS_MIN = 5  # different characters in it: "aaaaaaaaaaaa" is long and no secret
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # 32 of them, none that looks like another
_GENERATED_GROUPS, _GROUP_CHARS = 4, 5


class BadUser(ValidationError):
    """A user that cannot be: `field` says what of it is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


class Passwords:
    """Hashes and compares. Any thread; blocks."""

    def __init__(self, *, memory_kib: int = 47_104, passes: int = 1) -> None:
        """The defaults are OWASP's first choice for argon2id; one lane, so that a hash takes one core and no more."""
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1, type=Type.ID)
        self._nobodys = _nobodys_hash(self._hasher)

    def hash(self, password: str) -> str:
        """A salted hash that names its own parameters. Unavailable where there is no memory for it."""
        try:
            return self._hasher.hash(_bytes(password))
        except HashingError as error:
            raise Unavailable(f"the password cannot be hashed: {error}") from None

    def agrees(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is that of the hash. Without a hash (nobody has that name) it takes as much work.

        Unavailable where there is no memory for it.
        """
        try:
            return self._hasher.verify(password_hash or self._nobodys, _bytes(password))
        except VerifyMismatchError:
            return False
        except VerificationError as error:
            raise Unavailable(f"the password cannot be compared: {error}") from None


def check_password(password: str, name: str = "", field: str = "password") -> None:
    """BadUser where it is too short, too long, or easily guessed."""
    if len(password) < CHARS_MIN:
        raise BadUser(field, f"must be at least {CHARS_MIN} characters long; a few words do well")
    if len(password) > CHARS_MAX:
        raise BadUser(field, f"must be at most {CHARS_MAX} characters long")
    if len(set(password)) < _KINDS_MIN or password.lower() == name.lower():
        raise BadUser(field, f"is easily guessed; use {_KINDS_MIN} different characters or more, and not the name")
    try:
        password.encode()
    except UnicodeEncodeError:
        raise BadUser(field, "has characters that cannot be written as UTF-8") from None


def generated_password() -> str:
    """A new one of 100 random bits, in groups that can be read aloud."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_CHARS)) for _ in range(_GENERATED_GROUPS))
    return "-".join(groups)


def _bytes(password: str) -> bytes:
    """One form for what looks the same: keyboards differ in how they write an accented letter."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _nobodys_hash(hasher: PasswordHasher) -> str:
    """A hash of the same parameters that no password has, made without hashing one."""
    salt, result = (
        base64.b64encode(os.urandom(size)).rstrip(b"=").decode() for size in (hasher.salt_len, hasher.hash_len)
    )
    parameters = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${parameters}${salt}${result}"
