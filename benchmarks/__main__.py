"""`python -m benchmarks [name …]`: run the named benchmarks, or all; exit 1 when a bound is missed."""

import sys
from importlib import import_module

NAMES = ("rest", "ingest", "drain", "questions", "many_days", "patterns", "console")


def main() -> int:
    """Run them one after another; they share two cores and must not run side by side."""
    chosen = sys.argv[1:] or NAMES
    unknown = set(chosen) - set(NAMES)
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}")
        return 2
    reports = [import_module(f"benchmarks.{name}").main() for name in chosen]
    return int(any(report.failed for report in reports))


if __name__ == "__main__":
    sys.exit(main())
