"""Why a step of a payment order is refused. Nothing of a refused step remains, and it may be tried again."""

from __future__ import annotations

from kernel.errors import DomainError, NotFound


class PaymentOrderNotFound(NotFound):
    """There is no such payment order, or it is not yours."""

    code = "payment_order_not_found"


class PriceChanged(DomainError):
    """The price is no longer the one you saw; nothing was held."""

    code = "price_changed"
    status = 409


class OrderExpired(DomainError):
    """The time to pay this order has passed."""

    code = "order_expired"
    status = 409


class OrderCancelled(DomainError):
    """The order was cancelled."""

    code = "order_cancelled"
    status = 409


class OrderNotReserved(DomainError):
    """The order must be reserved with prepay before it can be paid."""

    code = "order_not_reserved"
    status = 409


class OrderAlreadyPaid(DomainError):
    """A paid order can only be refunded."""

    code = "order_already_paid"
    status = 409


class OrderNotPaid(DomainError):
    """Only what was paid can be refunded."""

    code = "order_not_paid"
    status = 409


class OrderNotRefundable(DomainError):
    """What this order bought is ended where it was bought, not refunded."""

    code = "order_not_refundable"
    status = 409


class RefundExceedsPayment(DomainError):
    """The refund is more than what is left of the payment."""

    code = "refund_exceeds_payment"
    status = 409


class ReturnExceedsOrder(DomainError):
    """More units would come back than are left of the order."""

    code = "return_exceeds_order"
    status = 409
