"""Stacks of JavaScript errors, read: V8 (Chrome, Edge), SpiderMonkey (Firefox) and JavaScriptCore (Safari).

before   'TypeError: …\\n    at Cart.total (https://shop.example/js/cart.4f9c2a.js:12:7)'   as V8 writes a frame
         'total@https://shop.example/js/cart.4f9c2a.js:12:7'                               as the other two do
after    Frame(function='total', file='https://shop.example/js/cart.4f9c2a.js', line=12, column=7, in_app=True)

A function has the one name that all engines know: 'Cart.total', 'Object.total', 'async total', 'get total' and
'Cart.prototype.total' are 'total', 'new Cart' is 'Cart'. A function without a name of its own is None, though Firefox
calls it after the one around it ('render/<') and V8 after its object ('HTMLButtonElement.<anonymous>').

The web client cuts a stack and puts '...' at its end: the frame that was cut is dropped. Never raises, and reads no more
than the first part of what strangers send.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from openrum.enrich.volatile import without_hashes

_CHARS_MAX = 16_384
_LINES_MAX = 256
_FRAMES_MAX = 50
_FILE_CHARS_MAX = 1_024
_NAME_CHARS_MAX = 200


class Frame(NamedTuple):
    """One call. `file` is as written, less line and column; `in_app` is the site's own code, as far as can be told."""

    function: str | None  # None: anonymous
    file: str | None  # None: native, or not told
    line: int | None
    column: int | None
    in_app: bool


class Script(NamedTuple):
    """What the address of a script says."""

    path: str  # without host, query and hashes; empty where the address says nothing
    in_app: bool
    is_script: bool  # no page with a script in it
    is_extension: bool


def parse_stack(stack: str) -> list[Frame]:
    """The frames, innermost first, at most 50. Lines that are no frame (the message) are left out."""
    return [frame for frame, _ in frames_of(stack)]


def frames_of(stack: str) -> Iterator[tuple[Frame, bool]]:
    """The frames one by one, each with whether it waited for the ones before it (`await`, a promise, a timer)."""
    lines = stack[:_CHARS_MAX].split("\n", _LINES_MAX)
    if len(lines) > _LINES_MAX or len(stack) > _CHARS_MAX or stack.endswith("..."):
        lines.pop()
    read = _read_v8 if "  at " in stack[:_CHARS_MAX] or stack.startswith("at ") else _read_at_sign
    count = 0
    for line in lines:
        found = read(line)
        if found is None:
            continue
        yield found
        count += 1
        if count == _FRAMES_MAX:
            return


# --- lines of V8: "    at name (place)", "    at place"

_NO_FILE = frozenset({"<anonymous>", "native", "[native code]", "[wasm code]", "unknown location"})


def _read_v8(line: str) -> tuple[Frame, bool] | None:
    line = line.strip()
    if not line.startswith("at "):
        return None
    rest = line[3:].lstrip()
    waited = rest.startswith("async ")
    if waited:
        rest = rest[6:]
    if rest.endswith(")"):
        name, bracket, place = rest[:-1].partition(" (")
        if not bracket:
            return None
        if place.startswith("eval at "):
            # "eval at f (eval at g (https://…/a.js:1:2), <anonymous>:3:4), <anonymous>:5:6": the script is innermost.
            place = place[place.rfind("(") + 1 :].partition(")")[0]
    else:
        name, place = "", rest
    located = _locate(place)
    return located and (_frame(_function(name[:_NAME_CHARS_MAX]), *located), waited)


# --- lines of SpiderMonkey and JavaScriptCore: "name@place"

_AT = re.compile(
    r"@(?=(?:https?|file|blob|data|wasm|app|webpack|webpack-internal|capacitor|ionic|resource|chrome|about|self-hosted"
    r"|(?:moz|chrome|safari|safari-web)-extension|webkit-masked-url|user-script):|\[native code\]|\[wasm code\])"
)
_BARE_PLACE = re.compile(r"[a-z][a-z+.\-]{1,30}:[^\s@]{1,1024}:\d{1,9}:\d{1,9}")
_EVALUATED = re.compile(r" line (\d{1,9}) > ")  # "https://…/a.js line 118 > eval:1:31"
_WAITED = re.compile(r"(?:async|promise callback|setTimeout handler|setInterval handler|[\w.]{1,60} handler"
                     r"|EventListener\.handleEvent|EventHandlerNonNull|FrameRequestCallback|[\w.]{1,60} callback)\*")  # fmt: skip
_NAMES_WITH_SPACES = frozenset({"global code", "module code", "eval code"})


def _read_at_sign(line: str) -> tuple[Frame, bool] | None:
    line = line.strip()
    at = _AT.search(line)
    index = at.start() if at else line.find("@")
    if index < 0:
        if line in _NAMES_WITH_SPACES or not _BARE_PLACE.fullmatch(line):
            return None
        name, place = "", line
    else:
        name, place = line[:index], line[index + 1 :]
    marker = _WAITED.match(name)
    waited = marker is not None or name.startswith("async ")
    if marker:
        name = name[marker.end() :]
    if " " in name and name not in _NAMES_WITH_SPACES and not name.startswith(("get ", "set ", "async ")):
        return None  # a line of the message
    if place == "":  # what Safari evaluated has no place
        known = name.isidentifier() or name in _NAMES_WITH_SPACES
        return (Frame(_function(name[:_NAME_CHARS_MAX]), None, None, None, in_app=True), waited) if known else None
    located = _locate(place)
    return located and (_frame(_function(name[:_NAME_CHARS_MAX]), *located), waited)


# --- what all have in common


def _locate(place: str) -> tuple[str | None, int | None, int | None] | None:
    """File, line and column; None where the text is no place."""
    if place in _NO_FILE or place.startswith("index "):  # "Promise.all (index 0)"
        return None, None, None
    if " > " in place:
        evaluated = _EVALUATED.search(place)
        if evaluated:
            return place[: evaluated.start()], int(evaluated[1]), None
    file, _, last = place.rpartition(":")
    if not _is_number(last):
        file, wasm, _ = place.partition(":wasm-function[")
        return (file, None, None) if wasm else None
    start, _, middle = file.rpartition(":")
    file, line, column = (start, int(middle), int(last)) if _is_number(middle) else (file, int(last), None)
    if file in _NO_FILE or file.startswith("self-hosted"):
        return None, None, None
    return file, line, column


def _is_number(text: str) -> bool:
    return len(text) < 10 and text.isdecimal()


def _frame(function: str | None, file: str | None, line: int | None, column: int | None) -> Frame:
    if file is None:
        return Frame(function, None, None, None, in_app=False)
    return Frame(function, file, line, column, script_of(file).in_app)


_ALIAS = re.compile(r" \[as [^\]]*\]?$")
_PREFIXES = ("async ", "new ", "get ", "set ", "static ", "async*")
_NAMELESS = frozenset({
    "", "<", "<anonymous>", "anonymous", "(anonymous)", "(anonymous function)", "global code", "module code", "eval code",
    "eval", "<eval>", "?", "<computed>", "<static_initializer>", "<instance_members_initializer>",
    "__webpack_require__", "__webpack_exports__",
})  # fmt: skip


@lru_cache(4_096)
def _function(name: str) -> str | None:
    name = _ALIAS.sub("", name.strip())
    while name.startswith(_PREFIXES):
        name = name[name.index("*" if name.startswith("async*") else " ") + 1 :].lstrip()
    if name.startswith(("./", "../", "(")) or "node_modules/" in name or "!" in name:
        return None  # a bundler's wrapper, named after the module's file
    name = name.rpartition("/")[2]
    if name.endswith("<"):  # SpiderMonkey: a function without a name, within the named one
        return None
    name = name.rpartition(".")[2]
    return None if name in _NAMELESS or name.isdigit() else name


# --- whose script it is

_EXTENSION = re.compile(r"(?:chrome|moz|safari|safari-web|ms-browser)-extension:|webkit-masked-url:|user-script:")
_NOT_OURS = re.compile(r"(?:resource|chrome|about|javascript|devtools|node):|VM\d+$|debugger eval code|undefined$")
_ADDRESS = re.compile(r"(?:blob:)?([a-z][a-z0-9+.\-]{0,30}):(/{0,3})", re.IGNORECASE)
_WITH_HOST = frozenset({"http", "https", "capacitor", "ionic", "app", "webpack", "wasm", "ng", "tauri"})
_SCRIPT_NAME = re.compile(r"\.(?:[cm]?[jt]sx?|vue|svelte|wasm|es\d?|bundle|coffee)$", re.IGNORECASE)
_VENDOR_HOSTS = re.compile(
    r"(?:^|\.)(?:cdnjs\.cloudflare\.com|cdn\.jsdelivr\.net|unpkg\.com|ajax\.googleapis\.com|ajax\.aspnetcdn\.com"
    r"|code\.jquery\.com|stackpath\.bootstrapcdn\.com|maxcdn\.bootstrapcdn\.com|esm\.sh|cdn\.skypack\.dev|ga\.jspm\.io"
    r"|polyfill\.io|googletagmanager\.com|google-analytics\.com|googlesyndication\.com|doubleclick\.net|gstatic\.com"
    r"|maps\.googleapis\.com|connect\.facebook\.net|static\.hotjar\.com|script\.hotjar\.com|clarity\.ms|js\.stripe\.com"
    r"|bat\.bing\.com|snap\.licdn\.com|analytics\.tiktok\.com|static\.cloudflareinsights\.com|challenges\.cloudflare\.com"
    r"|browser\.sentry-cdn\.com|js-agent\.newrelic\.com|cdn\.segment\.com|cdn\.cookielaw\.org|consent\.cookiebot\.com"
    r"|widget\.intercom\.io|js\.intercomcdn\.com|client\.rum\.[a-z0-9-]+\.amazonaws\.com)$"
)
_VENDOR_FOLDER = re.compile(
    r"/(?:node_modules|bower_components|jspm_packages|vendors?|third[-_]?party)/|webpack/(?:bootstrap|runtime)|/@vite/|/cwr(?:-slim)?\.js$"
)
_VENDOR_NAME = re.compile(
    r"/(?:"
    r"(?:[\w\-]{1,40}[-.~])?vendors?(?:[-.~][^/]{0,80})?|npm\.[^/]{1,80}|polyfills?(?:[-.][^/]{0,40})?|(?:webpack-)?runtime(?:[-~.][^/]{0,40})?"
    r"|webpack|framework"
    r"|(?:jquery|react|preact|vue|angular|svelte|zone|lodash|underscore|moment|dayjs|d3|three|bootstrap|core-js|backbone"
    r"|ember|knockout|axios|rxjs|redux|modernizr|swiper|gsap|popper|handlebars|mustache|require|system|alpine|htmx|chart"
    r"|gtm|gtag|ga|analytics|fbevents|sentry|bugsnag|newrelic|datadog-rum|hotjar|tslib|regenerator-runtime)"
    r"(?:[-.](?:ui|dom|core|slim|bundle|prod|production|development|dev|umd|esm|global|runtime|router|all|common|browser"
    r"|js|\*|v\*))*"
    r")\.(?:min\.)?m?js$",
    re.IGNORECASE,
)


def script_of(file: str) -> Script:
    """Where a script is, whatever its host and build, and whose it is."""
    return _script(file[:_FILE_CHARS_MAX])


@lru_cache(8_192)
def _script(file: str) -> Script:
    file = file.partition("#")[0].partition("?")[0]
    is_extension = _EXTENSION.match(file) is not None
    address = _ADDRESS.match(file)
    path, host = file, ""
    if address:
        path = file[address.end() :]
        if address[2] == "//" and (is_extension or address[1].lower() in _WITH_HOST):
            host, slash, path = path.partition("/")
            path = slash + path
        if file.startswith(("blob:", "data:")):
            path = ""  # made by another script, under a name of the day
    path = without_hashes("/" + path.replace("/./", "/").removeprefix("./").lstrip("/")) if path else ""
    in_app = not (
        is_extension
        or file in _NO_FILE
        or _NOT_OURS.match(file)
        or _VENDOR_HOSTS.search(host.partition(":")[0].lower())
        or _VENDOR_FOLDER.search(path)
        or _VENDOR_NAME.search(path)
    )
    return Script(path, in_app, _SCRIPT_NAME.search(path) is not None, is_extension)
