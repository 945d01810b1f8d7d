"""Charts stay within their width, grow with their values, and leave gaps where nothing is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from openrum.cli_output import printable
from openrum.terminal_chart import WIDTH_MIN, bars, fitted, line, sparkline

VALUES = st.lists(st.one_of(st.none(), st.floats(), st.integers(0, 10**12)), min_size=1, max_size=300)
WIDTHS = st.integers(0, 200)
LABELS = st.text(max_size=80).map(printable)


def shown(value):
    return "" if value is None else f"{value:,.0f}"


@given(st.lists(st.tuples(LABELS, st.one_of(st.none(), st.floats(-1e9, 1e12))), max_size=20), WIDTHS)
def test_bars_fit_whatever_the_labels(rows, width):
    drawn = bars([label for label, _ in rows], [value for _, value in rows], width, shown)
    assert len(drawn) == len(rows)
    assert all(cell_len(text) <= max(width, WIDTH_MIN) for text in drawn)
    assert all(text.isprintable() for text in drawn)


@given(VALUES, WIDTHS, st.integers(1, 20))
def test_a_line_fits_whatever_the_values(values, width, height):
    drawn = line(values, width, height, shown)
    assert len(drawn) == height
    assert all(cell_len(text) <= max(width, WIDTH_MIN) for text in drawn)


@given(VALUES, st.integers(1, 100))
def test_a_sparkline_has_a_block_a_value_as_far_as_they_fit(values, width):
    assert cell_len(sparkline(values, width)) == min(width, len(values))


@given(LABELS, st.integers(0, 60))
def test_a_text_is_fitted_to_the_cell(text, width):
    assert cell_len(fitted(text, width)) == width
    assert cell_len(fitted(text, width, right=True)) == width


def test_bars_are_as_long_as_their_values():
    assert bars(["a", "b", "c", "d", "e"], [8, 4, 1, 0, None], 24, shown) == [
        "a 8 ████████████████████",
        "b 4 ██████████",
        "c 1 ██▌",
        "d 0",
        "e",
    ]


def test_what_is_there_at_all_is_seen():
    assert bars(["a", "b"], [1_000_000, 1], 40, shown)[1].endswith("▏")


def test_long_and_wide_labels_are_cut():
    [first, second] = bars(["/a" * 40, "日本" * 20], [2, 1], 30, shown)
    assert first.startswith("/a/a/a/a/a/… 2 ██")
    assert second.startswith("日本日本日 … 1 ██")


def test_a_sparkline_rises_and_shows_gaps():
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7, 8], 20) == "▁▁▂▃▄▅▆▇█"
    assert sparkline([8, None, 8], 20) == "█ █"
    assert sparkline([0, 0], 20) == "▁▁"
    assert sparkline([1, 9, 1, 1], 2) == "█▁"  # of two the larger


def dots(drawn):
    """Columns of a line's canvas, each as the depths of its dots."""
    found = {}
    for row, text in enumerate(drawn):
        for column, char in enumerate(text.split("│")[1]):
            for down, (left, right) in enumerate(((1, 8), (2, 16), (4, 32), (64, 128))):
                for half, bit in ((0, left), (1, right)):
                    if (ord(char) - 0x2800) & bit:
                        found.setdefault(column * 2 + half, set()).add(row * 4 + down)
    return found


def test_a_line_goes_from_its_first_value_to_its_last():
    drawn = line([0, 100], 30, 5, shown)
    assert [text.split("│")[0] for text in drawn] == ["100 ", "    ", "    ", "    ", "  0 "]
    found = dots(drawn)
    assert sorted(found) == list(range(50))  # no column is skipped
    assert (found[0], found[49]) == ({19}, {0})


def test_a_gap_is_no_line():
    found = dots(line([5, None, None, 5], 30, 5, shown))
    assert sorted(found) == [0, 53]


@pytest.mark.parametrize("values", [[None], [0], [0.0, 0.0], [float("nan")], [float("inf"), 1]])
def test_nothing_at_all_can_be_drawn(values):
    assert len(line(values, 40, 4, shown)) == 4
    assert len(bars(["x"] * len(values), values, 40, str)) == len(values)
