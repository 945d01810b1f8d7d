"""/client/<version>/cwr.js: the real web client, built into the package, under the versions that AWS's CDN has.

A whole version never changes and is kept for a year; `3.x` and `3.2.x` move with it and are asked for again.
"""

import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

_YEAR = "public, max-age=31536000, immutable"
_MOVING = "public, max-age=600"


class ClientFiles:
    """Serves one build of the client from memory."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds cwr.js, cwr.js.gz and version.txt, as the build hook made them; without them, 404."""
        self._pins: dict[str, str] = {}
        if not (folder / "cwr.js").is_file():
            return
        self._plain = (folder / "cwr.js").read_bytes()
        self._packed = (folder / "cwr.js.gz").read_bytes()
        self._etag = f'"{hashlib.sha256(self._plain).hexdigest()[:32]}"'
        major, minor, patch = (folder / "version.txt").read_text(encoding="ascii").strip().split(".")
        self._pins = {f"{major}.x": _MOVING, f"{major}.{minor}.x": _MOVING, f"{major}.{minor}.{patch}": _YEAR}

    async def serve(self, request: Request) -> Response:
        """The script, packed where the browser takes that."""
        caching = self._pins.get(request.path_params["pin"])
        if caching is None:
            there = ", ".join(self._pins) or "none: the client was not built"
            return PlainTextResponse(f"There is no such version here; there is {there}.\n", 404)
        headers = {
            "cache-control": caching,
            "etag": self._etag,
            "access-control-allow-origin": "*",
            "cross-origin-resource-policy": "cross-origin",
            "x-content-type-options": "nosniff",
            "vary": "Accept-Encoding",
        }
        if self._etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(self._plain, media_type="text/javascript", headers=headers)
        return Response(self._packed, media_type="text/javascript", headers={**headers, "content-encoding": "gzip"})
