"""The one transition table of a thing: who may become what. CHECK constraints and diagrams are made from it.

A move is a conditional UPDATE (`WHERE status = ANY(:sources)`): no row hit means somebody else was faster, and the caller decides what
that means. An unknown state or a missing row in the table is a programmer's mistake and raises at import.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from kernel.errors import InvalidTransition

S = TypeVar("S", bound=StrEnum)


class States(Generic[S]):
    """`moves` has one row per state; a state with an empty row is terminal."""

    def __init__(self, name: str, kind: type[S], *, initial: set[S], moves: Mapping[S, set[S]]) -> None:
        missing = set(kind) - set(moves)
        assert not missing, f"{name}: no row for {missing}"
        self.name, self.kind, self.initial = name, kind, frozenset(initial)
        self.moves = {source: frozenset(targets) for source, targets in moves.items()}

    @property
    def terminal(self) -> frozenset[S]:
        return frozenset(s for s, targets in self.moves.items() if not targets)

    @property
    def live(self) -> frozenset[S]:
        return frozenset(self.kind) - self.terminal

    def sources(self, target: S) -> list[str]:
        """The states from which `target` may be reached, for `status = ANY(:sources)`."""
        return sorted(s.value for s, targets in self.moves.items() if target in targets)

    def check(self, source: S, target: S) -> None:
        if target not in self.moves[source]:
            raise InvalidTransition(f"{self.name}: {source} cannot become {target}")

    def sql_values(self) -> str:
        return ", ".join(f"'{s.value}'" for s in self.kind)

    def mermaid(self) -> str:
        lines = ["stateDiagram-v2"]
        lines += [f"  [*] --> {s.value}" for s in sorted(self.initial)]
        lines += [f"  {s.value} --> {t.value}" for s in self.kind for t in sorted(self.moves[s])]
        lines += [f"  {s.value} --> [*]" for s in sorted(self.terminal)]
        return "\n".join(lines)
