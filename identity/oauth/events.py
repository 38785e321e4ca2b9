"""Facts about connections, for whoever tells the customer. They carry ids and names, never a token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import event


@event("identity.program_connected.v1")
@dataclass(frozen=True, slots=True)
class ProgramConnected:
    """From now on a program may act for this person, within its scopes."""

    principal_id: UUID
    connection_id: UUID
    program: str
    scopes: tuple[str, ...]
    agreed_at: datetime
