"""NextToken: where the next page begins. Opaque to the caller, signed, and bound to the question it came from."""

import base64
import binascii
from typing import Any

import msgspec

from openrum.control.secrets import Sealer
from openrum.errors import ValidationError

_SIGNATURE_BYTES = 16


class Tokens:
    """Makes and reads tokens of one data directory."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def make(self, place: Any, *question: Any) -> str:
        """A token for `place`, good for this question alone."""
        content = msgspec.msgpack.encode(place)
        signature = self._sealer.sign(_message(content, question))
        return base64.urlsafe_b64encode(signature + content).decode()

    def read(self, token: str, *question: Any) -> Any:
        """The place again. ValidationError for a token that is not ours, or is another question's."""
        try:
            raw = base64.urlsafe_b64decode(token.encode("ascii"))
        except (binascii.Error, ValueError):
            raw = b""
        signature, content = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not content or not self._sealer.agrees(_message(content, question), signature):
            raise ValidationError("NextToken is not one that this question was answered with; ask from the beginning")
        return msgspec.msgpack.decode(content)


def _message(content: bytes, question: tuple[Any, ...]) -> bytes:
    return msgspec.msgpack.encode([content, question])
