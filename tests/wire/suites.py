"""The public suites of hostile JSON and hostile strings, where they are at hand."""

import json
from pathlib import Path

import pytest

SUITES = Path(__file__).parents[3] / "shared" / "suites"
needed = pytest.mark.skipif(not SUITES.is_dir(), reason="the shared suites are not beside this checkout")


def json_cases() -> dict[str, bytes]:
    """Name → text. `y_` is JSON, `n_` is not, `i_` is left to the reader."""
    return {path.name: path.read_bytes() for path in sorted((SUITES / "json-parsing").rglob("*.json"))}


def naughty_strings() -> list[str]:
    """Strings that have broken somebody's software."""
    path = SUITES / "naughty-strings.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
