"""Signature Version 4, the client's side: what OpenRUM itself signs with, the canary and `openrum import`.

Headers alone, no presigned query. The canonical form is that of `sigv4.py`, so the two cannot drift apart. Sends nothing
and reads no clock.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from openrum.aws.sigv4 import ALGORITHM, SignedRequest, signature_of

_SERVICE = "rum"


def sign(
    method: str,
    host: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    key_id: str,
    secret: str,
    region: str,
    now_ms: int,
) -> dict[str, str]:
    """The headers to send beside `headers`: Host, X-Amz-Date, X-Amz-Content-Sha256 and Authorization.

    `host` with its port, as the Host header has it; `path` encoded, with its query if there is one. Every one of `headers`
    is signed, so none may be changed on the way.
    """
    date = datetime.fromtimestamp(now_ms // 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    payload_hash = hashlib.sha256(body).hexdigest()
    added = {"Host": host, "X-Amz-Date": date, "X-Amz-Content-Sha256": payload_hash}
    covered = {name.lower(): value for name, value in {**headers, **added}.items()}
    raw_path, _, raw_query = path.partition("?")
    request = SignedRequest(
        method,
        raw_path.encode("latin-1"),
        raw_query.encode("latin-1"),
        [(name.encode("latin-1"), value.encode("latin-1")) for name, value in covered.items()],
        body,
    )
    names = sorted(covered)
    signature = signature_of(
        request,
        secret,
        date=date,
        region=region,
        service=_SERVICE,
        signed_headers=names,
        payload_hash=payload_hash,
    )
    credential = f"{key_id}/{date[:8]}/{region}/{_SERVICE}/aws4_request"
    authorization = f"{ALGORITHM} Credential={credential}, SignedHeaders={';'.join(names)}, Signature={signature}"
    return {**added, "Authorization": authorization}
