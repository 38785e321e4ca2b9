"""Reports of proofs: a table a person can read, with the counts that were really reached and how long it took."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kernel import clock


@dataclass(slots=True)
class Report:
    """Collects rows; `failed` names every promise that did not hold, and decides the exit code."""

    name: str
    title: str
    columns: Sequence[str]
    rows: list[Sequence[Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    began: float = field(default_factory=clock.monotonic)

    def row(self, *cells: Any) -> None:
        self.rows.append(cells)
        print("  ".join(str(cell) for cell in cells), flush=True)

    def require(self, holds: bool, promise: str) -> None:
        if not holds:
            self.failed.append(promise)
            print(f"FAILED: {promise}", flush=True)

    def text(self) -> str:
        lines = [f"# Proof: {self.title}", ""]
        lines += [
            f"- {clock.wall():%Y-%m-%d}, {clock.monotonic() - self.began:.0f} s on {platform.machine()}",
            f"- Python {platform.python_version()}, ccxt {version('ccxt')}",
        ]
        lines += [f"- {note}" for note in self.notes]
        lines += [f"- result: {'**FAILED**: ' + '; '.join(self.failed) if self.failed else 'every promise held'}", ""]
        lines += ["| " + " | ".join(self.columns) + " |", "|" + "---|" * len(self.columns)]
        lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in self.rows]
        return "\n".join(lines) + "\n"

    def finish(self, folder: Path | None) -> int:
        """Print the report, keep it under `folder` as <name>.md, and return the exit code."""
        print(self.text(), flush=True)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{self.name}.md").write_text(self.text())
        return 1 if self.failed else 0
