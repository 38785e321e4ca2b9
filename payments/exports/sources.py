"""The port of exports: what other packages let finance carry away, registered by the composition root under `<package>.<what>`.

A source reads the next rows after a position and decides nothing. Its rows are those that existed when the job began, each as it stands
when its step reads it: unlike the ledger's lines they may change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from identity.permissions import Permission
from kernel.db import Tx
from payments.exports.rules import Column

__all__ = ["Column", "Read", "Source", "Span", "find", "names", "register"]


@dataclass(frozen=True, slots=True)
class Span:
    """`since` is included, `until` is not; `begun` is when the job began."""

    since: datetime | None
    until: datetime | None
    begun: datetime

    @property
    def made_until(self) -> datetime:
        """For what counts by the moment it was made."""
        return self.begun if self.until is None else min(self.until, self.begun)


class Read(Protocol):
    """The next rows, in the order of the columns; `after` is the last row of the step before."""

    def __call__(self, tx: Tx, span: Span, *, after: Sequence[Any] | None, limit: int) -> Sequence[Sequence[Any]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """`place` names the columns that tell where a step ended; without any, all rows are read at once. `spans`: it may be bounded."""

    permission: Permission
    columns: Mapping[str, Column]
    read: Read
    place: tuple[str, ...] = ()
    spans: bool = True

    def placed(self, row: Sequence[Any]) -> list[str]:
        """What of a row the next step needs, fit for JSON."""
        names = list(self.columns)
        return [str(row[names.index(name)]) for name in self.place]


_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Make a source known; the composition root does it once per process, a second time replaces the first."""
    _sources[name] = source


def names() -> list[str]:
    return sorted(_sources)


def find(name: str) -> Source | None:
    """None for what the ledger exports itself, and for what nobody knows."""
    return _sources.get(name)
