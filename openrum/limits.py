"""Every bound on what comes in, waits, or is asked, with the relations between them. No room may invent its own.

`Limits()` holds the defaults; `settings.py` offers each field as `OPENRUM_LIMIT_<FIELD>`. Units stand last in the names.
"""

from dataclasses import dataclass, field
from typing import Any

KIB = 1024
MIB = 1024 * KIB


def bound(default: int, help: str) -> Any:
    """A field of `Limits` with the sentence that documents it."""
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds in force. Building one asserts that they fit together; a misfit is a ValueError that says which."""

    # The door
    body_wire_bytes: int = bound(4 * MIB, "largest request body as sent")
    body_unpacked_bytes: int = bound(16 * MIB, "largest request body after gunzip")
    json_depth: int = bound(64, "deepest nesting of JSON, in a body and again inside details and metadata")
    replay_json_depth: int = bound(400, "deepest nesting in a session replay: each level of the page takes two")
    events_per_request: int = bound(1_000, "most events in one PutRumEvents")
    inflight_bytes: int = bound(256 * MIB, "bodies held in memory at once by all requests; beyond it 429")
    connections: int = bound(4_096, "open connections")
    header_bytes: int = bound(16 * KIB, "all header fields of one request")
    idle_s: int = bound(15, "seconds a connection may stay idle, or a body may pause")
    clock_skew_s: int = bound(15 * 60, "seconds a signature's date may be off at PutRumEvents")
    control_clock_skew_s: int = bound(5 * 60, "seconds a signature's date may be off at the other operations")

    # One event, judged after its batch was acknowledged
    event_part_bytes: int = bound(256 * KIB, "largest details, and largest metadata, of one event")
    replay_part_bytes: int = bound(4 * MIB, "largest details of a session replay event")
    custom_details_bytes: int = bound(64 * KIB, "largest details of a custom event")
    custom_attributes: int = bound(10, "custom attributes kept of one event")
    custom_attribute_chars: int = bound(256, "longest text of a custom attribute")

    # The journal and the drain
    journal_block_bytes: int = bound(4 * MIB, "unpacked requests in one journal block, unless one alone is larger")
    journal_waiting_bytes: int = bound(64 * MIB, "requests waiting for the disk; beyond it 503")
    disk_reserve_bytes: int = bound(32 * MIB, "disk kept free; below it 503")
    drain_group_bytes: int = bound(
        128 * MIB, "unpacked journal read into one store transaction, unless one block is larger"
    )

    # The process
    memory_bytes: int = bound(
        4_096 * MIB, "memory that the server may ask of the system; what asks for more fails alone"
    )

    # Questions
    query_s: int = bound(10, "seconds a question may take")
    query_memory_bytes: int = bound(1_280 * MIB, "memory of the store's engine")
    gathered_rows: int = bound(
        1_500_000,
        "folded rows of settled days kept in memory, 55 bytes each, so that many days cost what few do; 0 keeps none",
    )
    query_rows: int = bound(10_000, "rows of one answer")
    query_sql_bytes: int = bound(64 * KIB, "longest SQL text of a user")
    query_sql_memory_bytes: int = bound(512 * MIB, "memory of the engine above which a user's SQL is stopped")
    query_answer_bytes: int = bound(32 * MIB, "largest answer to a user's SQL, and raw forms beside one answer, about")
    query_spill_bytes: int = bound(4_096 * MIB, "disk for what a question's memory does not hold")
    query_at_once: int = bound(0, "questions answered at once, the others wait in order; 0 is one a core")
    query_waiting: int = bound(200, "questions that may wait for their turn; beyond it 429")
    query_wait_s: int = bound(20, "seconds a question may wait for its turn; beyond it 429")
    query_cache_bytes: int = bound(32 * MIB, "answers kept for who asks the same before anything changes; 0 keeps none")

    def __post_init__(self) -> None:
        relations = {
            "body_wire_bytes <= body_unpacked_bytes": self.body_wire_bytes <= self.body_unpacked_bytes,
            "body_unpacked_bytes <= inflight_bytes": self.body_unpacked_bytes <= self.inflight_bytes,
            "body_unpacked_bytes <= journal_waiting_bytes": self.body_unpacked_bytes <= self.journal_waiting_bytes,
            "custom_details_bytes <= event_part_bytes": self.custom_details_bytes <= self.event_part_bytes,
            "event_part_bytes <= replay_part_bytes": self.event_part_bytes <= self.replay_part_bytes,
            "replay_part_bytes <= body_unpacked_bytes": self.replay_part_bytes <= self.body_unpacked_bytes,
            "journal_block_bytes <= drain_group_bytes": self.journal_block_bytes <= self.drain_group_bytes,
            # well inside the interpreter's own recursion
            "1 <= json_depth <= replay_json_depth <= 400": 1 <= self.json_depth <= self.replay_json_depth <= 400,
            "1 <= events_per_request": self.events_per_request >= 1,
            "0 <= query_at_once": self.query_at_once >= 0,
            "2 * query_memory_bytes <= memory_bytes": 2 * self.query_memory_bytes <= self.memory_bytes,
        }
        for relation, holds in relations.items():
            if not holds:
                raise ValueError(f"limits do not fit together: {relation} must hold")


DEFAULTS = Limits()
