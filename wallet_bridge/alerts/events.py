"""Facts that leave this room."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from kernel.events import event


@event("treasury.alert_raised.v1")
@dataclass(frozen=True, slots=True)
class AlertRaised:
    """A balance fell below a line, an order could not be hedged, or a place says nothing any more. `line`: what would be enough."""

    alert_id: UUID
    location: str
    asset: str
    kind: str
    level: str
    usable: Decimal
    line: Decimal | None


@event("treasury.alert_escalated.v1")
@dataclass(frozen=True, slots=True)
class AlertEscalated:
    """It became critical (`worse`), or is critical and nobody has answered it (`unanswered`, for the `times`-th time)."""

    alert_id: UUID
    location: str
    asset: str
    kind: str
    level: str
    usable: Decimal
    line: Decimal | None
    cause: str
    times: int


@event("treasury.alert_cleared.v1")
@dataclass(frozen=True, slots=True)
class AlertCleared:
    """All has been well for a while: the alert is over by itself."""

    alert_id: UUID
    location: str
    asset: str
    kind: str
    usable: Decimal
