"""One server per data directory: an flock held for life. The kernel lets go of it with the process, however that ends."""

import fcntl
import os
from pathlib import Path

NAME = "lock"


class DirectoryTaken(Exception):
    """Another process holds the directory. The message names it and says what to do."""


class DirectoryLock:
    """Taken when made, held until closed. The file is never deleted: deleting would let two processes hold two locks."""

    def __init__(self, directory: Path) -> None:
        self._descriptor = os.open(directory / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self._descriptor)
            raise DirectoryTaken(
                f"the data directory {directory} is in use by process {holder}; "
                "stop it, or choose another directory with --data-dir"
            ) from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def close(self) -> None:
        """Let go."""
        os.close(self._descriptor)
