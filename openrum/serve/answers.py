"""How /api/v1 answers: JSON that nobody keeps."""

from typing import Any

import msgspec
from starlette.responses import Response

_ENCODER = msgspec.json.Encoder(enc_hook=str)
_PRIVATE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


def json_answer(content: Any, status: int = 200) -> Response:
    """An answer of these contents; what JSON has no form for is a text."""
    return Response(_ENCODER.encode(content), status, media_type="application/json", headers=dict(_PRIVATE))
