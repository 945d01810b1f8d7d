"""How the API writes a moment: '2026-01-02T03:04:05', UTC, exactly 19 characters."""

from datetime import UTC, datetime


def iso(epoch_ms: int) -> str:
    """Epoch milliseconds as the API writes them."""
    return datetime.fromtimestamp(epoch_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
