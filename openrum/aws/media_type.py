"""Which Content-Types a door reads: JSON by its name, and where beacons come, the plain text as which they send it."""

from openrum.errors import UnsupportedMediaType

JSON = frozenset({"application/json"})
JSON_OR_BEACON = frozenset({"application/json", "text/plain"})
_USUAL = frozenset({b"application/json", b"text/plain;charset=UTF-8"})
_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii"})


def check_media_type(content_type: bytes | None, types: frozenset[str]) -> None:
    """Raise UnsupportedMediaType for a body that does not say it is one of `types`, in UTF-8.

    Saying nothing passes where beacons do: they may be of any client. It does not where JSON alone is read.
    """
    if types is JSON_OR_BEACON and (content_type is None or content_type in _USUAL):
        return
    said = (content_type or b"").decode("latin-1")
    media_type, *parameters = (part.strip().lower() for part in said.split(";"))
    charsets = [part.removeprefix("charset=").strip('"') for part in parameters if part.startswith("charset=")]
    if media_type not in types or not _CHARSETS.issuperset(charsets):
        raise UnsupportedMediaType(f"Content-Type {said[:128]!r} is not read here; send application/json in UTF-8")
