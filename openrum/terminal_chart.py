"""Charts for a terminal: bars of blocks, lines of braille dots, each within a width in cells. Pure: numbers → lines of text.

Texts are printed as they are given, so they must have been made printable before.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from rich.cells import cell_len, set_cell_size

Value = float | None
Shown = Callable[[Value], str]

WIDTH_MIN = 20
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_HEIGHTS = "▁▂▃▄▅▆▇█"
_LABEL_SHARE = 0.4  # of the width, at most, for labels
_BLANK = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Of a braille cell: four rows of two."""
_ELLIPSIS = "…"


def bars(labels: Sequence[str], values: Sequence[Value], width: int, shown: Shown) -> list[str]:
    """A line for each label, with a bar as long as its value; the longest fills what the texts leave."""
    width = max(width, WIDTH_MIN)
    texts = [shown(value) for value in values]
    label_width = min(max(map(cell_len, labels), default=0), int(width * _LABEL_SHARE))
    text_width = min(max(map(cell_len, texts), default=0), width // 4)
    room = max(1, width - label_width - text_width - 2)
    values, most = _known(values)
    lines = []
    for label, value, text in zip(labels, values, texts, strict=True):
        bar = _bar(0.0 if value is None or most <= 0 else value / most, room)
        lines.append(f"{fitted(label, label_width)} {fitted(text, text_width, right=True)} {bar}".rstrip())
    return lines


def line(values: Sequence[Value], width: int, height: int, shown: Shown) -> list[str]:
    """The values from left to right as a line over zero, with the largest and zero beside it. Nothing is a gap."""
    width = max(width, WIDTH_MIN)
    values, most = _known(values)
    top, bottom = shown(most), shown(0.0)
    edge = min(max(cell_len(top), cell_len(bottom)), width // 3)
    columns = width - edge - 2
    canvas = _canvas(values, most or 1.0, columns, height)
    rows = ["".join(map(chr, row)).rstrip(chr(_BLANK)) for row in canvas]
    edges = [top, *[""] * (height - 2), bottom] if height > 1 else [top]
    return [f"{fitted(text, edge, right=True)} │{row}" for text, row in zip(edges, rows, strict=True)]


def sparkline(values: Sequence[Value], width: int) -> str:
    """The values as one row of blocks, the largest as high as a line; nothing is a blank."""
    known, most = _known(values)
    squeezed = _squeezed(known, max(1, width))
    return "".join(" " if value is None else _height(value / most if most > 0 else 0.0) for value in squeezed)


def fitted(text: str, width: int, *, right: bool = False) -> str:
    """The text in exactly so many cells, cut where it is longer."""
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + _ELLIPSIS if width > 0 else ""
    return " " * (width - length) + text if right else text + " " * (width - length)


def _known(values: Sequence[Value]) -> tuple[list[Value], float]:
    """The values, those that are no number left out; and the largest of them, at least 0."""
    known = [value if value is not None and math.isfinite(value) else None for value in values]
    return known, max((value for value in known if value is not None), default=0.0)


def _bar(share: float, room: int) -> str:
    eighths = round(max(0.0, min(share, 1.0)) * room * 8)
    if share > 0:
        eighths = max(1, eighths)
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")


def _height(share: float) -> str:
    """`share` of the height. A value below 0 may be further away than a number can say."""
    return _HEIGHTS[max(0, math.ceil(max(0.0, share) * len(_HEIGHTS)) - 1)]


def _squeezed(values: Sequence[Value], width: int) -> list[Value]:
    """At most so many values: each the largest of those that fall together."""
    if len(values) <= width:
        return list(values)
    squeezed: list[Value] = []
    for index in range(width):
        some = values[index * len(values) // width : (index + 1) * len(values) // width]
        squeezed.append(max((value for value in some if value is not None), default=None))
    return squeezed


def _canvas(values: Sequence[Value], most: float, columns: int, height: int) -> list[list[int]]:
    """Cells of braille, row by row from the top."""
    canvas = [[_BLANK] * columns for _ in range(height)]
    across, down = columns * 2, height * 4

    def dot(x: int, y: int) -> None:
        canvas[y // 4][x // 2] |= _DOTS[y % 4][x % 2]

    squeezed = _squeezed(values, across)
    step = (across - 1) / max(1, len(squeezed) - 1)
    points = [
        None if value is None else (round(index * step), _depth(value / most, down))
        for index, value in enumerate(squeezed)
    ]
    for point in points:
        if point is not None:
            dot(*point)
    for begin, end in pairwise(points):
        if begin is not None and end is not None:
            for x, y in _between(begin, end):
                dot(x, y)
    return canvas


def _depth(share: float, down: int) -> int:
    return round((1 - max(0.0, min(share, 1.0))) * (down - 1))


def _between(begin: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
    steps = max(abs(end[0] - begin[0]), abs(end[1] - begin[1]), 1)
    return [
        (
            round(begin[0] + (end[0] - begin[0]) * step / steps),
            round(begin[1] + (end[1] - begin[1]) * step / steps),
        )
        for step in range(steps + 1)
    ]
