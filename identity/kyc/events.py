"""What becomes of cases, for those who tell the customer. Names and papers stay in the case."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.events import event


@event("identity.kyc_case_submitted.v1")
@dataclass(frozen=True, slots=True)
class KycCaseSubmitted:
    """Somebody has to look."""

    case_id: UUID
    customer_id: UUID
    level: int
    version: int


@event("identity.kyc_case_decided.v1")
@dataclass(frozen=True, slots=True)
class KycCaseDecided:
    """`approved`, `rejected`, or `more_information`; `reason` is written for the customer."""

    case_id: UUID
    customer_id: UUID
    level: int
    version: int
    state: str
    reason: str
