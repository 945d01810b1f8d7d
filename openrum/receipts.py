"""Receipts of what was forgotten: what was asked, what was found, when; signed, so that it can be shown.

Ed25519, with a key that is derived from the data directory's own. A receipt names its subject by a hash, so that it may
be kept. The public key stands in it; whose it is, `openrum receipt` tells for the data directory at hand.
"""

import base64
import hashlib
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ENCODER = msgspec.json.Encoder(order="sorted")


def subject_hash(monitor_id: str, kind: str, subject_id: str) -> str:
    """SHA-256 of monitor, kind (user or session) and id, in hexadecimal digits."""
    return hashlib.sha256(f"{monitor_id}:{kind}:{subject_id}".encode()).hexdigest()


class Receipts:
    """Signs and verifies."""

    def __init__(self, seed: bytes) -> None:
        """`seed` is 32 bytes that only this data directory has."""
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def sign(self, content: dict[str, Any]) -> dict[str, Any]:
        """The content with `public_key` and `signature`."""
        signed = {**content, "public_key": self.public_key}
        return {**signed, "signature": base64.b64encode(self._key.sign(_ENCODER.encode(signed))).decode()}


def is_genuine(receipt: dict[str, Any]) -> bool:
    """Whether the receipt is what the key in it signed."""
    content = {name: value for name, value in receipt.items() if name != "signature"}
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(receipt["public_key"]))
        key.verify(base64.b64decode(receipt["signature"]), _ENCODER.encode(content))
    except (KeyError, TypeError, ValueError, RecursionError, InvalidSignature):
        return False
    return True
