"""The group of a JavaScript error: the same type, words and place, whatever the release, the browser, ids and numbers.

before   type "TypeError", message "Cannot read properties of undefined (reading 'total')", stack "…"
after    fingerprint "3f0c…", title "TypeError: cannot read property 'total' of undefined in renderTotal"

* The type is the error's own, or the one its message begins with ("Uncaught TypeError: …").
* The message is an engine's, brought to one wording (`wordings.py`), or the site's own without its volatile parts.
* The place is one file and one function: the file of the innermost frame of the site's own code, and the first function
  there with a name that says something. No more than that is the same in all browsers: Safari leaves frames of tail calls
  out, Chrome keeps ten, the client cuts the rest. A name of one or two letters is a minifier's and says nothing; so do
  the handlers of attributes ("onclick") and a class of errors at its own making. Without a frame of the site's own it is
  the innermost frame of another's script, then the file that the browser names, then nothing.

Titles are one for a group, but that Firefox does not tell reading from writing. A function that is only assigned to a
property (`shop.open = function () {…}`) has no name in Safari, and so another group there.
"""

import re
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from openrum.enrich.stacks import frames_of, script_of
from openrum.enrich.volatile import without_volatile_parts
from openrum.enrich.wordings import Wording, wording_of

_STACK_CHARS_MAX = 16_384
_TEXT_CHARS_MAX = 2_000
_TITLE_CHARS_MAX = 200
_MESSAGE_CHARS_MAX = 500
_GROUPS_KEPT = 8_192
_KEPT_CHARS_MAX = 3_000  # the client's stacks have 1,000; longer ones are worked out anew each time

_VERSION = "1"  # of what a fingerprint is made of: another one makes all groups new


class ErrorGroup(NamedTuple):
    """What errors of one cause share."""

    fingerprint: str  # 16 hex digits; the same in every release and process
    title: str  # at most 200 characters


def group_of(kind: str | None, message: str | None, stack: str | None, filename: str | None) -> ErrorGroup:
    """The group of an error by the fields of its event (`type`, `message`, `stack`, `filename`); each may be missing."""
    if len(kind or "") + len(message or "") + len(stack or "") + len(filename or "") <= _KEPT_CHARS_MAX:
        return _kept(kind, message, stack, filename)
    return _group(
        kind and kind[:_TEXT_CHARS_MAX],
        message and message[:_TEXT_CHARS_MAX],
        stack and stack[:_STACK_CHARS_MAX],
        filename and filename[:_TEXT_CHARS_MAX],
    )


class _Place(NamedTuple):
    file: str = ""
    function: str = ""


def _group(kind: str | None, message: str | None, stack: str | None, filename: str | None) -> ErrorGroup:
    name, text = _type_and_text(kind or "", message or "", stack or "")
    wording = wording_of(name, text, stack=stack or "")
    if wording is None:
        text = without_volatile_parts(text)[:_MESSAGE_CHARS_MAX]
        if not text and kind == "unhandledrejection":
            text = "promise rejected without a reason"
        wording = Wording(text, key=text.lower().rstrip(" .!"))
    if wording.kind is not None:
        name = wording.kind
    place = _place(name, wording, stack or "", filename or "") if wording.placed else _Place()
    key = wording.text if wording.key is None else wording.key
    parts = (_VERSION, name, key, place.file, place.function)
    digest = blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=8)
    return ErrorGroup(digest.hexdigest(), _title(name, wording.text, place))


_kept = lru_cache(_GROUPS_KEPT)(_group)

# --- type and text

# What the client says where it knows no type: the kind of the DOM event, or the text of what was thrown.
_NO_TYPE = frozenset({"", "undefined", "null", "error", "unhandledrejection", "object", "string"})
_NOTHING_SAID = frozenset({"", "undefined", "null", "unknown", "unknown error", "no message"})
_TYPE_NAME = re.compile(r"[A-Za-z_$][\w$.]{0,79}")
_UNCAUGHT = re.compile(
    r"(?:Uncaught |uncaught exception: |Unhandled (?:promise )?rejection: ?)?(?:\(in promise\):? ?)?(?:Uncaught )?"
)
_TYPED = re.compile(r"(?:\w{1,40}\.)?([A-Z][\w$]{0,60}(?:Error|Exception)|Error)(?::\s+|$)")


def _type_and_text(kind: str, message: str, stack: str) -> tuple[str, str]:
    """The type, empty where there is none, and the message without what handlers put before it."""
    name = kind if kind not in _NO_TYPE and kind != message and _TYPE_NAME.fullmatch(kind) else ""
    text = message[:_TEXT_CHARS_MAX].strip()
    if text in _NOTHING_SAID:
        text = ""
    text = text[_UNCAUGHT.match(text).end() :]  # type: ignore[union-attr]  # it fits everything
    typed = _TYPED.match(text)
    if typed and (not name or name in {"Error", typed[1]}):
        name, text = typed[1], text[typed.end() :]
    if not text and not name:
        header = _TYPED.match(stack)
        if header:
            name, text = header[1], stack[header.end() : _TEXT_CHARS_MAX].partition("\n")[0]
    return ("" if _says_nothing(name) else name), text


# --- place

_FRAMES_LOOKED_AT = 5
_HELPERS = re.compile(
    r"__awaiter|__generator|_?asyncGeneratorStep|_?asyncToGenerator|_callee\d*|_loop\d*|_next|_throw|tryCatch|apply|call"
    r"|[A-Za-z$_](?:[\w$][A-Z\d$]|[A-Z\d$][\w$])"  # three characters, and not all of them as in a word
    r"|on(?:click|dblclick|load|error|submit|reset|change|input|focus|blur|key[a-z]+|mouse[a-z]+|touch[a-z]+|pointer[a-z]+"
    r"|message|open|close|scroll|resize|popstate|hashchange|unload|beforeunload|readystatechange|success|progress|timeout"
    r"|abort|drag[a-z]*|drop|wheel|toggle)"
)


def _says_nothing(name: str) -> bool:
    """A name of a minifier's making."""
    return len(name) <= 2


def _weight(function: str | None) -> str:
    """The name where it says something, else nothing."""
    if function is None:
        return ""
    name = function.rstrip("$")  # 'load$' is the generator that a compiler made of 'load'
    return "" if _says_nothing(name) or _HELPERS.fullmatch(name) else name


def _place(name: str, wording: Wording, stack: str, filename: str) -> _Place:
    """File and function of the innermost frames that tell them."""
    ours: list[_Place] = []
    others: list[_Place] = []
    frames = frames_of(stack)
    if wording.in_callee:
        next(frames, None)
    for frame, waited in frames:
        if (waited and ours) or len(ours) == _FRAMES_LOOKED_AT:
            break
        function = _weight(frame.function)
        if frame.in_app:
            if not ours and (function == name or function.endswith(("Error", "Exception"))) and function:
                continue  # an error at its own making
            ours.append(_Place(_file(frame.file, function), function))
            if ours[0].file and function and not wording.in_cycle:
                break
        elif frame.file and not others:
            others.append(_Place(_file(frame.file, function), function))
    if not ours and not others:
        return _Place(_file(filename.partition(" line ")[0], "")) if filename not in _NOTHING_SAID else _Place()
    if wording.in_cycle and ours:
        return min(ours, key=lambda place: (place.function, place.file))  # wherever in the cycle the stack was full
    found = ours or others
    return _Place(
        next((place.file for place in found if place.file), ""),
        next((place.function for place in found if place.function), ""),
    )


def _file(file: str | None, function: str) -> str:
    """The path of a script. A script in a page is the same on all pages, if it has a function with a name."""
    if file is None:
        return ""
    script = script_of(file)
    if script.is_extension:
        return "extension:" + script.path
    return script.path if script.is_script or not function else ""


# --- title


def _title(name: str, text: str, place: _Place) -> str:
    where = place.function or place.file.rpartition("/")[2]
    end = f" in {where[:60]}" if where else ""
    start = f"{name}: {text}" if name and text else name or text or "Unknown error"
    start = " ".join(start.split())
    room = _TITLE_CHARS_MAX - len(end)
    return (start if len(start) <= room else start[: room - 1] + "…") + end
