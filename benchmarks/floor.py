"""The floor: the same HTTP server on the same settings, reading the body and answering 200 without any other work.

python -m benchmarks.floor PORT
"""

import sys
from typing import Any

import uvicorn

from openrum.bounded_http import bounded_protocol
from openrum.limits import DEFAULTS

_EMPTY = {"type": "http.response.body", "body": b""}
_START = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]}


async def answer(scope: Any, receive: Any, send: Any) -> None:
    """Read all of the body; answer 200."""
    if scope["type"] != "http":
        return
    more = True
    while more:
        more = (await receive()).get("more_body", False)
    await send(_START)
    await send(_EMPTY)


if __name__ == "__main__":
    uvicorn.run(
        answer,
        port=int(sys.argv[1]),
        loop="uvloop",
        http=bounded_protocol(DEFAULTS),
        lifespan="off",
        access_log=False,
        log_level="warning",
    )
