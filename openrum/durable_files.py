"""Files that are there whole or not at all, whatever kills the process or cuts the power. Knows nothing of contents."""

import os
import tempfile
from pathlib import Path


def put_in_place(beside: Path, path: Path) -> None:
    """Give a complete file of the same directory its name, in one step, and make both durable."""
    descriptor = os.open(beside, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    beside.replace(path)
    sync_directory(path.parent)


def write_whole(path: Path, content: bytes) -> None:
    """Write or replace a file, readable by its owner alone from its first byte."""
    put_in_place(_written_beside(path, content), path)


def create_whole(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, readable by its owner alone. FileExistsError where another was faster."""
    beside = _written_beside(path, content)
    try:
        os.link(beside, path)
    finally:
        beside.unlink()
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _written_beside(path: Path, content: bytes) -> Path:
    descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".new", dir=path.parent)  # mode 0600
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
