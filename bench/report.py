"""The findings: a table for people, JSON for programs, and the section of docs/performance.md that is made of it."""

import json
import os
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .load import Measured

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results"
DOC = ROOT / "docs" / "performance.md"
AIM = 0.60


@dataclass
class Line:
    """One look: every round of both sides, the bare one first."""

    name: str
    trips: float
    body_bytes: int
    bare: list[Measured] = field(default_factory=list)
    ours: list[Measured] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """Ours to bare, round by round."""
        return [ours.rate / bare.rate for ours, bare in zip(self.ours, self.bare, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return statistics.median(self.ratios)

    @property
    def cpu_ratio(self) -> float:
        """The bare side's processor time for a request to ours, over all rounds."""
        bare, ours = (sum(one.cpu * one.requests for one in side) for side in (self.bare, self.ours))
        asked = [sum(one.requests for one in side) for side in (self.bare, self.ours)]
        return (bare / asked[0]) / (ours / asked[1]) if ours else 0.0


def middle(measured: Sequence[Measured], name: str) -> float:
    """The median of one number over the rounds."""
    return statistics.median(getattr(one, name) for one in measured)


def as_json(lines: Sequence[Line], facts: dict[str, Any]) -> str:
    """Everything that was measured, with the medians beside it."""
    return json.dumps({**facts, "aim": AIM, "looks": [_line(line) for line in lines]}, indent=1, ensure_ascii=False)


def _line(line: Line) -> dict[str, Any]:
    def side(measured: Sequence[Measured]) -> dict[str, Any]:
        names = ("rate", "p50", "p95", "p99", "client_busy")
        return {
            **{name: round(middle(measured, name), 3) for name in names},
            "cpu_ms": round(middle(measured, "cpu") * 1000, 3),
            "rounds": [{**asdict(one), "rate": round(one.rate, 1)} for one in measured],
        }

    return {
        "look": line.name,
        "ratio": round(line.ratio, 3),
        "cpu_ratio": round(line.cpu_ratio, 3),
        "ratios": [round(ratio, 3) for ratio in line.ratios],
        "round_trips": round(line.trips, 2),
        "body_bytes": line.body_bytes,
        "bare": side(line.bare),
        "ours": side(line.ours),
    }


def write_json(name: str, text: str) -> Path:
    """Write to bench/results/<name>.json."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(text + "\n", "utf-8")
    return path


def table(lines: Sequence[Line]) -> str:
    """The medians as Markdown, which is also what is printed."""
    head = (
        "| look | bytes | trips | bare /s | ours /s | ratio | bare CPU ms | ours CPU ms | CPU ratio"
        " | bare p50 / p99 ms | ours p50 / p99 ms |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    )
    return "\n".join([head, *(_row(line) for line in lines)])


def _row(line: Line) -> str:
    def times(measured: Sequence[Measured]) -> str:
        return " / ".join(f"{middle(measured, name):.1f}" for name in ("p50", "p99"))

    def cost(measured: Sequence[Measured]) -> str:
        return f"{middle(measured, 'cpu') * 1000:.2f}"

    return (
        f"| {line.name} | {line.body_bytes:,} | {line.trips:.1f} | {middle(line.bare, 'rate'):,.0f} |"
        f" {middle(line.ours, 'rate'):,.0f} | **{line.ratio:.0%}** | {cost(line.bare)} | {cost(line.ours)} |"
        f" **{line.cpu_ratio:.0%}** | {times(line.bare)} | {times(line.ours)} |"
    )


def write_doc(text: str, mark: str = "measured") -> None:
    """Put the newest table between these marks of docs/performance.md."""
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    before, _, rest = DOC.read_text("utf-8").partition(begin)
    _, _, after = rest.partition(end)
    DOC.write_text(f"{before}{begin}\n{text}\n{end}{after}", "utf-8")


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))
