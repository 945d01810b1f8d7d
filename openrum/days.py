"""UTC days, as journal and store count them and name their files: days since 1970. Pure; reads no clock."""

from datetime import date

DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()


def day_name(day: int) -> str:
    """20780 → 2026-11-23."""
    return date.fromordinal(_EPOCH + day).isoformat()


def day_named(name: str) -> int | None:
    """2026-11-23 → 20780; None for what is no such name."""
    try:
        day = date.fromisoformat(name).toordinal() - _EPOCH
    except ValueError:
        return None
    return day if day_name(day) == name else None
