"""`python -m openrum.row_worker LIMITS IDLE_S`: makes rows of the blocks that come in on standard input, until it ends.

Started by `row_workers.py` and by nobody else. Ends with its parent, whose end closes the pipe, and by itself when
nothing came for so many seconds. Its log goes to standard error, as the server's does.
"""

import os
import select
import signal
import sys

import msgspec

from openrum import logs, process
from openrum.enrich.rules import Rulebook
from openrum.limits import Limits
from openrum.make_rows import Maker
from openrum.row_workers import answer, read_task, receive, send

_BEHIND_THE_DOORS = 2
"""Priority: who waits for an acknowledgement goes first."""


def main() -> None:
    """Answer tasks in their order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the parent decides
    os.nice(_BEHIND_THE_DOORS)
    logs.configure("auto", "info")
    maker, idle_s = Maker(msgspec.json.decode(sys.argv[1], type=Limits)), float(sys.argv[2])
    book = Rulebook(0)
    process.keep_what_is_there()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while select.select([source], [], [], idle_s)[0]:
        try:
            task = read_task(receive(source))
        except EOFError:
            return
        book = task.book if task.book is not None else book
        send(sink, answer(maker, book, task))


if __name__ == "__main__":
    main()
