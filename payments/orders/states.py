"""States of a payment order, and the one table of its moves."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class PaymentStatus(StrEnum):
    PENDING = "pending"  # a price and an amount, nothing put aside
    RESERVED = "reserved"  # money held and units reserved until the order expires
    PAID = "paid"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


_S = PaymentStatus
PAYMENT_ORDER = States(
    "payment order",
    PaymentStatus,
    initial={_S.PENDING},
    moves={
        _S.PENDING: {_S.RESERVED, _S.CANCELLED, _S.EXPIRED},
        _S.RESERVED: {_S.PAID, _S.CANCELLED, _S.EXPIRED},
        _S.PAID: {_S.PARTIALLY_REFUNDED, _S.REFUNDED},
        _S.PARTIALLY_REFUNDED: {_S.PARTIALLY_REFUNDED, _S.REFUNDED},
        _S.CANCELLED: set(),
        _S.EXPIRED: set(),
        _S.REFUNDED: set(),
    },
)
PAID = frozenset({_S.PAID, _S.PARTIALLY_REFUNDED, _S.REFUNDED})
