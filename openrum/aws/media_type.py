"""Which Content-Types the door reads: JSON by its name, and the plain text as which a page-hide beacon sends it."""

from openrum.errors import UnsupportedMediaType

_USUAL = frozenset({None, b"application/json", b"text/plain;charset=UTF-8"})
_TYPES = frozenset({"application/json", "text/plain"})
_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii"})


def check_media_type(content_type: bytes | None) -> None:
    """Raise UnsupportedMediaType for a body that does not say it is JSON or plain text, in UTF-8. Saying nothing passes."""
    if content_type in _USUAL:
        return
    said = (content_type or b"").decode("latin-1")
    media_type, *parameters = (part.strip().lower() for part in said.split(";"))
    charsets = [part.removeprefix("charset=").strip('"') for part in parameters if part.startswith("charset=")]
    if media_type not in _TYPES or not _CHARSETS.issuperset(charsets):
        raise UnsupportedMediaType(f"Content-Type {said[:128]!r} is not read here; send application/json in UTF-8")
