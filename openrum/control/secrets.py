"""The data directory's own key: secrets at rest are sealed with it, tokens signed, guests' secrets derived.

An access key's secret must be recoverable (a signature is checked by making it anew), so it is encrypted, not hashed:
AES-256-GCM, bound to the id of its access key. The key file is of mode 0600 and belongs in a backup of its own.
"""

import hashlib
import hmac
import os
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from openrum.durable_files import create_whole

FILE = "secret.key"
_KEY_BYTES = 32
_NONCE_BYTES = 12


class SecretKeyProblem(Exception):
    """The key file is missing, damaged or of another data directory. The message says what to do."""


class Sealer:
    """Seals and opens; signs and checks."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._signing_key = hmac.new(key, b"openrum tokens", hashlib.sha256).digest()
        self._deriving_key = hmac.new(key, b"openrum secrets", hashlib.sha256).digest()

    @classmethod
    def open(cls, data_dir: Path) -> "Sealer":
        """Read the key of a data directory, or make it at the first start. Safe when two processes start at once."""
        path = data_dir / FILE
        if not path.exists():
            with suppress(FileExistsError):
                create_whole(path, os.urandom(_KEY_BYTES))
        key = path.read_bytes()
        if len(key) != _KEY_BYTES:
            raise SecretKeyProblem(f"{path} is not {_KEY_BYTES} bytes long; put the right one back from a backup")
        return cls(key)

    def seal(self, secret: str, owner: str) -> bytes:
        """Encrypt a secret for its owner, the id that it belongs to."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), owner.encode())

    def unseal(self, sealed: bytes, owner: str) -> str:
        """The secret again. SecretKeyProblem where key, owner or content are not those it was sealed with."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], owner.encode()).decode()
        except InvalidTag:
            raise SecretKeyProblem(
                f"the secret of {owner} cannot be opened with {FILE}; put the right key file back from a backup"
            ) from None

    def sign(self, message: bytes) -> bytes:
        """A signature of 16 bytes."""
        return hmac.new(self._signing_key, message, hashlib.sha256).digest()[:16]

    def derive(self, name: bytes) -> bytes:
        """32 bytes that are always the same for a name, and that nobody without the key can tell."""
        return hmac.new(self._deriving_key, name, hashlib.sha256).digest()

    def agrees(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is ours, in constant time."""
        return hmac.compare_digest(self.sign(message), signature)
