"""A page id or a URL → what it points at, parsed once: host, segments of the path, segments of the hash route.

before   "https://Shop.example.com:443//caf%C3%A9/index.html?x=1#/users/17"
after    host "shop.example.com", path ["café"], hash route "#" ["users", "17"]

As a person would read it:
- Query strings go, and so do matrix parameters (`;jsessionid=…`). A fragment goes unless it is a route (`#/…`, `#!…`), or
  all there is (`#users/17`, as older routers write).
- A trailing slash, doubled slashes, `.` and `..`, and a folder's file (`index.html`, `Default.aspx`) go: one page, one name.
- Percent-encoding becomes the text it stands for, where that is text: not where it would change what the path is
  (`/ ? # % ;` and control characters stay encoded), nor hex digits, which could make up a new escape. What is no escape stays.
- Upper and lower case stay, for servers tell them apart; a host is in lower case.
- What points at no place on the web keeps its scheme alone: `data:image/png`, `blob:`, `about:`, `chrome-extension:`.
"""

import re
from typing import NamedTuple

from openrum.enrich.route_words import FOLDER_FILES

CHARS_READ = 8_192  # of a URL; what stands beyond is query or nonsense
_SEGMENTS_READ = 64
_NETWORK = re.compile(r"(https?|wss?|ftp|capacitor|ionic|app|tauri)://([^/\\?#]{0,512})", re.IGNORECASE | re.ASCII)
_OPAQUE = re.compile(
    r"(?:data|blob|about|javascript|mailto|tel|sms|view-source|filesystem|[a-z]{2,16}(?:-web)?-extension)(?=:)"
    r"|[a-z][a-z0-9+.-]{0,31}(?=://)",
    re.IGNORECASE | re.ASCII,
)
_MEDIA_TYPE = re.compile(r"[a-z]{1,20}/[\w.+-]{1,80}", re.IGNORECASE | re.ASCII)
_HOST = re.compile(
    r"(\[[0-9a-f:.]{2,45}\]|[^\s:\[\]<>\"'`{}|^\\%]{1,253}?)\.?(?::(\d{0,5}))?", re.IGNORECASE | re.ASCII
)
_USUAL_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}
_ROUTE_IN_HASH = re.compile(r"!?/|!")
_NO_ROUTE = re.compile("[=&]|^:~:")  # parameters, or a text to scroll to
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_NEVER_DECODED = frozenset(b"/?#%;!\\\x7f0123456789abcdefABCDEF") | frozenset(range(32))
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
_SURROGATES = re.compile(r"[\ud800-\udfff]")


class Place(NamedTuple):
    """What a text points at. `scheme` alone is set for what is no place on the web; `host` where one is named."""

    scheme: str = ""  # 'blob:', 'data:image/png'
    host: str | None = None
    absolute: bool = True  # the path begins with a slash
    path: tuple[str, ...] = ()
    hash_mark: str = ""  # '#', '#/', '#!' or '#!/' before a hash route
    hash_path: tuple[str, ...] = ()


def read_place(text: str, *, is_url: bool) -> Place:
    """Never fails. `is_url`: `//host/path` names a host, as in a URL; a page id that begins so is a path with two slashes."""
    text = text[:CHARS_READ]
    if not text.isascii() and _SURROGATES.search(text):
        text = _SURROGATES.sub("\ufffd", text)
    if not text.isprintable():
        text = _CONTROLS.sub("", text)
    text = text.strip()
    host: str | None = None
    network: re.Match[str] | None = None
    if text[:1] != "/":
        if (network := _NETWORK.match(text)) is not None:
            host = _host(network[2], network[1].lower())
            text = text[network.end() :] or "/"
        elif ":" in text and (opaque := _opaque(text)):
            return Place(scheme=opaque)
    elif is_url and text[1:2] == "/":
        authority, slash, rest = text[2:].partition("/")
        host, text = _host(authority, "https"), slash + rest
    before, _, fragment = text.partition("#")
    mark, hash_path = _hash_route(fragment, alone=not before and network is None and host is None)
    before = before.partition("?")[0]
    path = _segments(before)
    if path and path[-1].lower() in FOLDER_FILES:
        path.pop()
    absolute = before[:1] == "/" or network is not None or host is not None
    return Place("", host, absolute, tuple(path), mark, tuple(hash_path))


def opaque_scheme(text: str) -> str:
    """`data:image/png`, `blob:`, …, or nothing: for a text that turned into one while it was cleaned."""
    return _opaque(text) if ":" in text else ""


def _opaque(text: str) -> str:
    found = _OPAQUE.match(text)
    if found is None:
        return ""
    scheme = found[0].lower() + ":"
    if scheme == "data:" and (media := _MEDIA_TYPE.match(text, 5)) is not None:
        return scheme + media[0].lower()
    return scheme


def _hash_route(fragment: str, *, alone: bool) -> tuple[str, list[str]]:
    if not fragment:
        return "", []
    route = fragment.partition("?")[0].partition("#")[0].strip()
    if (found := _ROUTE_IN_HASH.match(route)) is not None:
        return f"#{found[0]}", _segments(route[found.end() :])
    path = _segments(route) if alone else []
    if not path or any(map(_NO_ROUTE.search, path)):
        return "", []
    if path[0][0] != "!":
        return "#", path
    first, *rest = path  # of "#./!x": written without the dot, it is "#!x"
    return ("#!/", rest) if first == "!" else ("#!", [first[1:], *rest])


def _segments(path: str) -> list[str]:
    """The segments as a person reads them."""
    if "%" in path:
        path = _ESCAPES.sub(_decoded, path)
    parts = path.split("/", _SEGMENTS_READ * 2)[: _SEGMENTS_READ * 2]
    out: list[str] = []
    for part in parts:
        segment = part
        if ";" in segment:
            name, _, parameters = segment.partition(";")
            if "=" in parameters:
                segment = name
        segment = segment.strip()
        if not segment or segment == ".":
            continue
        if segment == "..":
            if out:
                out.pop()
            continue
        out.append(segment)
    return out[:_SEGMENTS_READ]


def _decoded(found: re.Match[str]) -> str:
    raw = bytes.fromhex(found[0].replace("%", ""))
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return found[0]
    return "".join(
        f"%{ord(char):02X}" if ord(char) in _NEVER_DECODED else char if char.isprintable() else _encoded(char)
        for char in text
    )


def _encoded(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode())


def _host(authority: str, scheme: str) -> str | None:
    found = _HOST.fullmatch(authority.rpartition("@")[2])
    if found is None:
        return None
    host, port = found[1].lower(), found[2]
    return f"{host}:{port}" if port and port != _USUAL_PORTS.get(scheme) else host
