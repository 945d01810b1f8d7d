"""Who is doing what, as far as this thread and task know: set at the door, read where a transaction is noted."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_current: ContextVar["Deed | None"] = ContextVar("deed", default=None)


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody is about to do. `target` is a monitor's name or ARN, or the id or name of an access key."""

    at_ms: int
    actor: str
    operation: str
    target: str
    source: str
    request_id: str


@contextmanager
def doing(deed: Deed) -> Iterator[None]:
    """Every transaction within is this deed's."""
    token = _current.set(deed)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Deed | None:
    """The deed under way; None for what OpenRUM does of its own accord."""
    return _current.get()
