"""Ids for `x-amzn-RequestId`: UUIDs by their form, unique by their making, and free of cost."""

import os


class RequestIds:
    """Random for the process, counted within it: 64 random bits, then the number of the request."""

    def __init__(self) -> None:
        start = os.urandom(8).hex()
        self._prefix = f"{start[:8]}-{start[8:12]}-{start[12:]}-0000-"
        self._count = 0

    def next(self) -> str:
        """The next id."""
        self._count += 1
        return f"{self._prefix}{self._count:012x}"
