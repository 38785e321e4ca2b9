"""Refusals are written down too, but not without end: whoever is refused can come again as often as they like.

Each process writes a few for each subject and so many of a kind in an hour. What it left out is counted, and the next entry says how many
that were, so a flood is seen as a flood.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from identity.audit import service as audit
from kernel import clock
from kernel.db import transaction

PER_SUBJECT, PER_ACTION = 5, 300
WINDOW_S = 3_600.0
REMEMBERED = 20_000


@dataclass(slots=True)
class _Window:
    ends: float
    written: int = 0
    left_out: int = 0


class Bound:
    """How many entries may still be written: in this process, for a while, bounded in size itself."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, str], _Window] = {}
        self._lock = threading.Lock()

    def take(self, action: str, subject: str, *, now: float) -> int | None:
        """None when this one is not written; else how many were left out since the last one of this subject."""
        with self._lock:
            own, all_ = self._window(action, subject, now), self._window(action, "", now)
            if own.written >= PER_SUBJECT or all_.written >= PER_ACTION:
                own.left_out += 1
                return None
            own.written += 1
            all_.written += 1
            left_out, own.left_out = own.left_out, 0
            return left_out

    def _window(self, action: str, subject: str, now: float) -> _Window:
        key = (action, subject)
        window = self._windows.get(key)
        if window is not None and window.ends > now:
            return window
        self._windows.pop(key, None)
        if len(self._windows) >= REMEMBERED:
            self._windows.pop(next(iter(self._windows)))
        made = self._windows[key] = _Window(now + WINDOW_S, left_out=0 if window is None else window.left_out)
        return made


_bound = Bound()


def take(action: str, subject: str) -> int | None:
    """As `Bound.take`, of this process: for who writes the entry in a transaction of their own."""
    return _bound.take(action, subject, now=clock.monotonic())


def note(
    tenant: UUID,
    action: str,
    *,
    kind: str,
    resource: object,
    subject: str,
    actor: UUID | None = None,
    **details: Any,
) -> None:
    """Write down a refusal, unless there were many; in a transaction of its own, for what was refused is rolled back.

    Args:
        subject: of whom there are so many and no more: what the caller named, whether or not it exists.
    """
    left_out = take(action, subject)
    if left_out is None:
        return
    with transaction(tenant=tenant) as tx:
        audit.record(tx, action, kind=kind, resource=resource, actor=actor, left_out=left_out, **details)
