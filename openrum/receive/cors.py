"""What browsers must be told so that a page of another origin may send here and read the answer's status.

The Origin is echoed, never with credentials: there is nothing here that a cookie could open. Whether an origin may
send at all is `origin.py`'s question, asked when the events come; a preflight is answered alike for every path, so it
tells no one which monitors exist.
"""

import re
from collections.abc import Mapping

Headers = list[tuple[bytes, bytes]]

ALLOWED_METHODS = b"POST, OPTIONS"
_ALLOWED_HEADERS = (
    b"content-type, content-encoding, authorization, x-amz-date, x-amz-content-sha256, x-amz-security-token, "
    b"x-api-key, x-amz-user-agent"
)
_KNOWN = frozenset(_ALLOWED_HEADERS.split(b", "))
_FIELD_NAME = re.compile(rb"[a-z0-9!#$%&'*+.^_`|~-]{1,64}")
_MAX_AGE_S = b"86400"  # browsers cap it themselves, Chromium at two hours

_VARY = (b"vary", b"Origin")
_EXPOSE = (b"access-control-expose-headers", b"x-amzn-RequestId, x-amzn-ErrorType, Retry-After, Date")
_VARY_PREFLIGHT = (b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers")


def answer_headers(origin: bytes | None) -> Headers:
    """The headers of every answer but a preflight's, errors included: without them a page cannot tell 403 from 429."""
    if origin is None:
        return [_VARY]
    return [(b"access-control-allow-origin", origin), _VARY, _EXPOSE]


def preflight_headers(asked: Mapping[bytes, bytes]) -> Headers:
    """The headers that answer a preflight. Fields that operators add (the client's `headers` setting) are allowed too."""
    origin = asked.get(b"origin")
    allowed = _ALLOWED_HEADERS
    for name in asked.get(b"access-control-request-headers", b"").lower().split(b","):
        wanted = name.strip(b" \t")
        if wanted not in _KNOWN and _FIELD_NAME.fullmatch(wanted):
            allowed += b", " + wanted
    headers = [
        _VARY_PREFLIGHT,
        (b"access-control-allow-methods", ALLOWED_METHODS),
        (b"access-control-allow-headers", allowed),
        (b"access-control-max-age", _MAX_AGE_S),
    ]
    if origin is not None:
        headers.append((b"access-control-allow-origin", origin))
    return headers
