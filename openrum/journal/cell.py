"""How much of its leaf page a row of a day file takes, by SQLite's file format, and how to keep a changed row to that.

Bytes that must leave no trace are the reason. `secure_delete` clears what a row gave up, but not the copies of rows that
stay behind in the gaps of a page when SQLite moves rows from page to page. It never moves one while a changed row takes
no more of its leaf than before; so zeros are put behind the data where that helps, which the zstd frame in front, as it
knows its own end, does not mind. Pure arithmetic on https://www.sqlite.org/fileformat2.html.
"""

from collections.abc import Sequence

LEAST_BLOB_BYTES = 110  # a row with less could not take on more without taking more of its leaf
_POINTER_BYTES = 4  # to the first overflow page


def leaf_bytes(integers: Sequence[int], blob: int, page: int) -> int:
    """What a row (key, integers, blob of that many bytes) takes of a leaf page of that size, without its key."""
    payload = _payload_bytes(integers, blob)
    local = _local_bytes(payload, page)
    return _varint_bytes(payload) + local + (_POINTER_BYTES if local < payload else 0)


def blob_bytes(least: int, integers: Sequence[int], room: int, page: int) -> int:
    """How long to make a blob, at least `least`, so that its row takes at most `room`; `least` if no length does that."""
    if leaf_bytes(integers, least, page) <= room:
        return least
    # What stays on the leaf rises with the length, byte by byte, then falls to its smallest: go to where it falls.
    local = _local_bytes(_payload_bytes(integers, least), page)
    first = least + _local_max(page) + 1 - local
    for blob in range(max(least, first - 3), first + 4):  # the length of the length may have changed on the way
        if leaf_bytes(integers, blob, page) <= room:
            return blob
    return least


def _payload_bytes(integers: Sequence[int], blob: int) -> int:
    header = 2 + len(integers) + _varint_bytes(12 + 2 * blob)  # its own length, and a NULL for the key
    return header + sum(map(_integer_bytes, integers)) + blob


def _local_max(page: int) -> int:
    return page - 35


def _local_bytes(payload: int, page: int) -> int:
    if payload <= _local_max(page):
        return payload
    least = (page - 12) * 32 // 255 - 23
    local = least + (payload - least) % (page - 4)
    return local if local <= _local_max(page) else least


def _integer_bytes(value: int) -> int:
    if value in (0, 1):
        return 0
    bits = value.bit_length() + 1
    return next(length for length in (1, 2, 3, 4, 6, 8) if bits <= 8 * length)


def _varint_bytes(value: int) -> int:
    return max(1, (value.bit_length() + 6) // 7)
