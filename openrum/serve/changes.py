"""What an owner changes by the API: done off the loop as a noted deed, and known to every door when it is answered."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from starlette.requests import Request

from openrum.control.audit import Audit
from openrum.control.deeds import Deed
from openrum.errors import ClientError, Unavailable
from openrum.serve.guard import Guard
from openrum.serve.monitor_forms import in_our_words

T = TypeVar("T")


class Changes:
    """Every change of the control room that this room asks for."""

    def __init__(self, *, guard: Guard, audit: Audit, on_change: Callable[[], None]) -> None:
        """`on_change` is called off the loop after each: what the doors know is read anew."""
        self._guard = guard
        self._audit = audit
        self._on_change = on_change

    async def make(self, request: Request, operation: str, target: str, work: Callable[[], T]) -> T:
        """What the work gives. A refusal is noted too, and raised in the words of our forms."""
        deed = self._guard.deed(request, operation, target)
        return await asyncio.to_thread(self._made, deed, work)

    def _made(self, deed: Deed, work: Callable[[], T]) -> T:
        try:
            with self._audit.noting(deed):
                done = work()
        except ClientError as error:
            raise in_our_words(error) from None
        with suppress(Unavailable):  # what is done is done; the poll looks again
            self._on_change()
        return done
