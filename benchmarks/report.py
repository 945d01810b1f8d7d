"""How a benchmark says what it found: one line a figure, beside the bound it is held to."""

from dataclasses import dataclass, field


@dataclass
class Report:
    """Collects figures of one benchmark; `failed` is true once one misses its bound."""

    title: str
    failed: bool = False
    lines: list[str] = field(default_factory=list)

    def figure(
        self, name: str, value: float, unit: str, *, at_least: float | None = None, at_most: float | None = None
    ) -> None:
        """Note and print one figure. A bound that is missed marks the report."""
        bound, held = "", True
        if at_least is not None:
            bound, held = f"at least {at_least:,g}", value >= at_least
        if at_most is not None:
            bound, held = f"at most {at_most:,g}", value <= at_most
        self.failed |= not held
        line = f"| {name} | {value:,.4g} {unit} | {bound} | {'' if not bound else 'met' if held else 'MISSED'} |"
        if value >= 10_000:
            line = line.replace(f"{value:,.4g}", f"{value:,.0f}")
        self.lines.append(line)
        print(line, flush=True)

    def begin(self) -> None:
        """Print the heading."""
        print(f"\n### {self.title}\n\n| Figure | Value | Bound | |\n| --- | --- | --- | --- |", flush=True)
