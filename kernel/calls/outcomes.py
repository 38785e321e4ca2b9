"""What sending or asking may tell. `result` is whatever the domain's `apply` understands; the record keeps its JSON form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Call:
    """A call as its owner sees it."""

    id: UUID
    tenant: UUID
    lane: str
    kind: str
    ref: str
    payload: dict[str, Any]
    state: str
    created_at: datetime
    sent_at: datetime | None
    asked: int
    negatives: int


@dataclass(frozen=True, slots=True)
class Done:
    """The other side has it; `result` says how far it got."""

    result: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """The other side provably refused it, or it never left this process (`never_sent`)."""

    code: str
    text: str
    never_sent: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """No trustworthy answer."""

    text: str


@dataclass(frozen=True, slots=True)
class NotPlaced:
    """Proven by the rules of the resolver: the other side never had it."""

    negatives: int


@dataclass(frozen=True, slots=True)
class Expired:
    """Withdrawn before it was sent."""

    reason: str


@dataclass(frozen=True, slots=True)
class Absent:
    """Asked, and it is not there; `authoritative` where this answer would show it if it existed."""

    authoritative: bool
    text: str = ""


Outcome = Done | Refused | Unknown | NotPlaced | Expired
Answer = Done | Refused | Absent | Unknown
