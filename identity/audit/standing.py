"""How the chain stands, as the engine said last: a copy for whoever looks at the audit, lost with Valkey and soon said again.

It is a light on a panel, no proof: whoever could forge the chain could forge this as well. The proof is `rivermouth audit verify`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel import cache
from kernel.clock import wall

__all__ = ["Standing", "checked", "read", "signed"]

_SIGNED, _CHECKED, _ROUND = "rm:audit:signed", "rm:audit:checked", "rm:audit:round"


@dataclass(frozen=True, slots=True)
class Standing:
    """Each part is None until the engine has said it. `faults`: of the round that goes on; `round_faults`: of the last whole one."""

    signed_seq: int | None = None
    signed_at: datetime | None = None
    checked_seq: int | None = None
    checked_at: datetime | None = None
    faults: int | None = None
    round_ended_at: datetime | None = None
    round_faults: int | None = None


def signed(*, seq: int, at: datetime) -> None:
    """A checkpoint vouches for the chain up to here."""
    _put(_SIGNED, signed_seq=seq, signed_at=at.isoformat())


def checked(*, seq: int, faults: int, ended: bool) -> None:
    """The verifier has looked at the chain up to here; `ended`: that was all of it."""
    now = wall().isoformat()
    _put(_CHECKED, checked_seq=seq, checked_at=now, faults=faults)
    if ended:
        _put(_ROUND, round_ended_at=now, round_faults=faults)


def read() -> Standing:
    said: dict[str, Any] = {}
    for key in (_SIGNED, _CHECKED, _ROUND):
        said |= json.loads(cache.get(key) or b"{}")
    parts: dict[str, Any] = {
        name: datetime.fromisoformat(value) if name.endswith("_at") else value for name, value in said.items()
    }
    return Standing(**parts)


def _put(key: str, **parts: int | str) -> None:
    cache.put(key, json.dumps(parts))
