"""What the server asks of the interpreter and of the system for its process. Knows of nothing else."""

import atexit
import gc
import resource
import sys

# A tenth of CPython's own interval: the journal's thread takes the interpreter several times a commit, and every request
# under way waits with it. Shorter still, and the loop's own work suffers.
_SWITCH_INTERVAL_S = 0.0005

# Syntax trees of questions are rubbish that only the collector finds, some ten thousand objects a question: with CPython's
# own thresholds it looked a hundred times a second.
_COLLECT_EVERY = (50_000, 20, 50)


def share_the_interpreter() -> None:
    """Let threads take turns often: whoever acknowledges must not wait for whoever answers questions."""
    sys.setswitchinterval(_SWITCH_INTERVAL_S)


def keep_what_is_there() -> None:
    """Take everything that was made so far for what stays. Called once the server is whole.

    The collector does not look through it again: that took a tenth of a second each time, for every thread. At the end of the
    process it does: the engine's library tells of whatever is left then.
    """
    gc.freeze()
    atexit.register(gc.unfreeze)
    gc.set_threshold(*_COLLECT_EVERY)


def bound_memory(bytes_max: int) -> None:
    """Who asks the system for more is told no: that question fails, where else the system would end the whole process.

    The engine bounds itself, but for what a function holds while it makes one text.
    """
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = bytes_max if most == resource.RLIM_INFINITY else min(bytes_max, most)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, most))
