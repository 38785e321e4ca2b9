"""Names on the wire: `<kind>/<tenant>/<id>` for what we ask; whose an address is: `<tenant>/<customer>`, or `<tenant>/house`."""

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
    REFUND = "r"
    DECISION = "d"  # of people about one of the others; it names a question, and never goes to the custodian


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
    """Whose deposits an address receives: a customer's, or the house's own where none is named."""

    tenant: UUID
    customer: UUID | None

    def __str__(self) -> str:
        return f"{self.tenant}/{self.customer or _HOUSE}"


_HOUSE = "house"


def read(text: str) -> Ref | None:
    """None where it is not ours: the custodian makes transfers of its own."""
    kind, _, rest = text.partition("/")
    owner = read_owner(rest)
    if owner is None or owner.customer is None or kind not in set(RefKind):
        return None
    return Ref(RefKind(kind), owner.tenant, owner.customer)


def read_owner(text: str | None) -> Owner | None:
    """None where nobody of ours is named."""
    first, _, second = (text or "").partition("/")
    try:
        return Owner(UUID(first), None if second == _HOUSE else UUID(second))
    except ValueError:
        return None
