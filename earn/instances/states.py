"""Where an instance stands; all but `withdrawn` follows from the time and from what is left to sell."""

from __future__ import annotations

from enum import StrEnum


class InstanceStatus(StrEnum):
    PLANNED = "planned"
    ON_SALE = "on_sale"
    SOLD_OUT = "sold_out"  # on sale again as soon as a reservation is given back
    CLOSED = "closed"
    RUNNING = "running"
    MATURED = "matured"
    WITHDRAWN = "withdrawn"  # no longer sold; what was sold runs on and is paid
