"""The form of one block: the payloads of one group commit, packed together because they compress together.

    number of the primer, zstd frame with content checksum ( MessagePack [ [events, payload], … ] )

`events` is the number that the appender gave; it stands inside the checksum so that the accounting can be verified. The
primer is a text that the compressor takes as already said: see docs/decisions/0004. Any other bytes are kept as well.
"""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import zstandard

# 0.7 µs and 53 to 75 bytes an event of 900 bytes; level 3 costs half as much again and gains nothing on this data.
_LEVEL = 1
_PRIMER = 1  # a primer that blocks were written with never changes; a better one gets the next number
_PRIMERS = {
    number: zstandard.ZstdCompressionDict(
        Path(__file__).with_name(f"primer-{number}.txt").read_bytes(), dict_type=zstandard.DICT_TYPE_RAWCONTENT
    )
    for number in (1,)
}
_PRIMERS[_PRIMER].precompute_compress(level=_LEVEL)
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[tuple[int, bytes]])


class Damaged(Exception):
    """A block that cannot be read back. The message says why."""


@dataclass(frozen=True, slots=True)
class PackedBlock:
    """One block as it lies in its file."""

    day: int
    number: int
    records: int
    events: int  # sum over the records
    size: int  # bytes when unpacked
    data: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """One block as read back. Where `damaged` says why it cannot be, `records` is empty; `events` is still known."""

    day: int
    number: int
    events: int
    records: list[bytes] = field(default_factory=list)
    damaged: str | None = None


class BlockCodec:
    """Packs and unpacks blocks. Not thread-safe: each thread has its own."""

    def __init__(self) -> None:
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True, dict_data=_PRIMERS[_PRIMER])
        self._decompressors = {
            number: zstandard.ZstdDecompressor(dict_data=primer) for number, primer in _PRIMERS.items()
        }
        self._plain = bytearray()  # used again for each block: fresh memory of this size costs more than filling it

    def pack(self, records: list[tuple[int, bytes]]) -> tuple[bytes, int]:
        """The block's bytes, and their size before compression."""
        _ENCODER.encode_into(records, self._plain)
        return bytes([_PRIMER]) + self._compressor.compress(self._plain), len(self._plain)

    def unpack(self, data: bytes, size: int, *, records: int, events: int) -> list[tuple[int, bytes]]:
        """The records of a block, held against what is known of it from elsewhere. Raises Damaged."""
        decompressor = self._decompressors.get(data[0]) if data else None
        if decompressor is None:
            raise Damaged("names a primer that there is not")
        try:
            plain = decompressor.decompress(memoryview(data)[1:], max_output_size=size)
            found = _DECODER.decode(plain)
        except (zstandard.ZstdError, msgspec.DecodeError, MemoryError) as error:
            raise Damaged(str(error)) from None
        if len(plain) != size:
            raise Damaged(f"unpacks to {len(plain)} bytes where {size} were written")
        if len(found) != records or sum(count for count, _ in found) != events:
            raise Damaged("holds another number of records or events than its row says")
        return found

    def open(self, packed: PackedBlock) -> Block:
        """Unpack a block, and hold it against what its row says."""
        try:
            records = self.unpack(packed.data, packed.size, records=packed.records, events=packed.events)
        except Damaged as damage:
            return Block(packed.day, packed.number, packed.events, damaged=str(damage))
        return Block(packed.day, packed.number, packed.events, [payload for _, payload in records])
