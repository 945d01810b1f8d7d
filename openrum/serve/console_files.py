"""/console/: the built console, from memory, under a policy that lets nothing run or load but itself.

Files under assets/ carry a hash of their contents in their names and are kept for ever; index.html is asked for again each
time. Every other path is a place within the console, which index.html opens. Looks nothing up on disk after the start.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

# Markup is made of the components' own templates alone, by the one policy that their compiler brings; the other names the one script that
# is not a module (console/classic_script.ts).
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types svelte-trusted-html openrum_painter"
)
_SECURITY = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_INDEX = "index.html"
_ASSETS = "assets/"
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True)
class _File:
    """One file as it is sent; `packed` is its gzip form, where the build made one."""

    kind: str
    plain: bytes
    packed: bytes | None
    etag: str


class ConsoleFiles:
    """Serves one build of the console."""

    def __init__(self, folder: Path) -> None:
        """`folder` is what build_console.py made. Without it everything is a 503 that says how to make it."""
        self._files = dict(_read(folder))

    async def serve(self, request: Request) -> Response:
        """The file of this path; of a place within the console, its page."""
        path = request.path_params["path"]
        if _INDEX not in self._files:
            return PlainTextResponse("The console was not built. In a checkout: make console\n", 503, _SECURITY)
        file = self._files.get(path)
        if file is None and path.startswith(_ASSETS) and Path(path).suffix in _KINDS:
            # Of another build: a page in its place would only be a riddle to whoever wants a script.
            return PlainTextResponse("This file is not of this build. Load the page again.\n", 404, _SECURITY)
        if file is None:
            path, file = _INDEX, self._files[_INDEX]
        return _answer(request, file, _FOR_EVER if path.startswith(_ASSETS) else _ASK_AGAIN)


def _read(folder: Path) -> list[tuple[str, _File]]:
    found = []
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        kind = _KINDS.get(path.suffix)
        if kind is not None and path.is_file():
            plain, packed = path.read_bytes(), path.with_name(path.name + ".gz")
            file = _File(
                kind=kind,
                plain=plain,
                packed=packed.read_bytes() if packed.is_file() else None,
                etag=f'"{hashlib.sha256(plain).hexdigest()[:32]}"',
            )
            found.append((path.relative_to(folder).as_posix(), file))
    return found


def _answer(request: Request, file: _File, caching: str) -> Response:
    headers = {**_SECURITY, "cache-control": caching, "etag": file.etag, "vary": "Accept-Encoding"}
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if file.packed is None or "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(file.plain, media_type=file.kind, headers=headers)
    return Response(file.packed, media_type=file.kind, headers={**headers, "content-encoding": "gzip"})
