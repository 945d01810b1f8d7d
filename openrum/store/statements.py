"""Statements that the engine has read before. To read one takes it milliseconds, in which it holds the interpreter; questions of
one shape are one text, until their files change.

What is read knows names alone: which tables and columns they are, the engine finds out each time that it is asked.
"""

import threading
from collections import OrderedDict

import duckdb

_KEPT_MAX = 100
_CHARS_MAX = 16 * 1024  # a statement takes some twenty times its text


class Statements:
    """Those that were asked for last. Any thread may ask."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, duckdb.Statement] = OrderedDict()
        self._changing = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def read(self, cursor: duckdb.DuckDBPyConnection, text: str) -> duckdb.Statement:
        """The one statement of a text. Raises duckdb.Error where it is none."""
        with self._changing:
            found = self._kept.get(text)
            if found is not None:
                self._kept.move_to_end(text)
                return found
        [found] = cursor.extract_statements(text)
        if len(text) <= _CHARS_MAX:
            with self._changing:
                self._kept[text] = found
                while len(self._kept) > _KEPT_MAX:
                    self._kept.popitem(last=False)
        return found
