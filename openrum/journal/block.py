"""The form of one block: the payloads of one group commit, packed together because they compress together.

    zstd frame with content checksum ( MessagePack [ [events, payload], … ] )

`events` is the number that the appender gave; it stands inside the checksum so that the accounting can be verified.
"""

import msgspec
import zstandard

# 0.5 µs and 56 bytes an event of 800 bytes; level 3 costs half as much again and gains nothing on this data.
_LEVEL = 1
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[tuple[int, bytes]])


class Damaged(Exception):
    """A block that cannot be read back. The message says why."""


class BlockCodec:
    """Packs and unpacks blocks. Not thread-safe: each thread has its own."""

    def __init__(self) -> None:
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
        self._decompressor = zstandard.ZstdDecompressor()
        self._plain = bytearray()  # used again for each block: fresh memory of this size costs more than filling it

    def pack(self, records: list[tuple[int, bytes]]) -> tuple[bytes, int]:
        """The block's bytes, and their size before compression."""
        _ENCODER.encode_into(records, self._plain)
        return self._compressor.compress(self._plain), len(self._plain)

    def unpack(self, data: bytes, size: int, *, records: int, events: int) -> list[tuple[int, bytes]]:
        """The records of a block, held against what is known of it from elsewhere. Raises Damaged."""
        try:
            plain = self._decompressor.decompress(data, max_output_size=size)
            found = _DECODER.decode(plain)
        except (zstandard.ZstdError, msgspec.DecodeError, MemoryError) as error:
            raise Damaged(str(error)) from None
        if len(plain) != size:
            raise Damaged(f"unpacks to {len(plain)} bytes where {size} were written")
        if len(found) != records or sum(count for count, _ in found) != events:
            raise Damaged("holds another number of records or events than its row says")
        return found
