"""Names on the wire: `<kind>/<tenant>/<id>` for what we ask, `<tenant>/<customer>` for whom an address belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class RefKind(StrEnum):
    """What of ours a reference names."""

    ADDRESS = "a"
    WITHDRAWAL = "w"
    TREASURY = "t"
    COLD = "c"


@dataclass(frozen=True, slots=True)
class Ref:
    """One thing of ours, as the custodian knows it."""

    kind: RefKind
    tenant: UUID
    id: UUID

    def __str__(self) -> str:
        return f"{self.kind}/{self.tenant}/{self.id}"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose deposits an address receives."""

    tenant: UUID
    customer: UUID

    def __str__(self) -> str:
        return f"{self.tenant}/{self.customer}"


def read(text: str) -> Ref | None:
    """None where it is not ours: the custodian makes transfers of its own."""
    kind, _, rest = text.partition("/")
    owner = read_owner(rest)
    if owner is None or kind not in set(RefKind):
        return None
    return Ref(RefKind(kind), owner.tenant, owner.customer)


def read_owner(text: str | None) -> Owner | None:
    """None where nobody of ours is named."""
    first, _, second = (text or "").partition("/")
    try:
        return Owner(UUID(first), UUID(second))
    except ValueError:
        return None
