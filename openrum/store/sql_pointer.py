"""Where in a text something is wrong, shown as the engine shows it: the line, and marks under the place.

    LINE 2:   page_views limi 3
                              ^

The engine points so in its own errors; refusals of the door point alike, so that who shows them reads one form.
"""

_SHOWN_CHARS = 160
_BEFORE_CHARS = 60
_CUT = "..."


def pointer(text: str, at_byte: int | None, bytes_long: int | None = None) -> str:
    """What to append to the message: empty where the place is not known. Places are of the text as UTF-8."""
    raw = text.encode()
    if at_byte is None or not 0 <= at_byte <= len(raw):
        return ""
    before = raw[:at_byte].decode(errors="ignore")
    number = before.count("\n") + 1
    column = len(before) - before.rfind("\n") - 1
    line = text.split("\n")[number - 1]
    marked = len(raw[at_byte : at_byte + (bytes_long or 1)].decode(errors="ignore").partition("\n")[0])
    head = f"LINE {number}: "
    if len(line) > _SHOWN_CHARS:
        start = max(0, column - _BEFORE_CHARS)
        line = (_CUT if start else "") + line[start : start + _SHOWN_CHARS] + _CUT
        column -= start - (len(_CUT) if start else 0)
    marks = "^" * max(1, min(marked, len(line) - column))
    return f"\n\n{head}{line}\n{' ' * (len(head) + column)}{marks}"
