"""What becomes of who wants an account. Ids only: the address stands in the registration, the link is made when the mail is worded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import event


@event("identity.registration_received.v1")
@dataclass(frozen=True, slots=True)
class RegistrationReceived:
    """Somebody wants an account; `known`: the address has one, which is told to the address and to nobody else."""

    registration_id: UUID
    known: bool
    asked_at: datetime


@event("identity.customer_registered.v1")
@dataclass(frozen=True, slots=True)
class CustomerRegistered:
    """The link was used: from now on there is such a customer, who came without anybody's help."""

    principal_id: UUID
    registration_id: UUID
    language: str
    registered_at: datetime
