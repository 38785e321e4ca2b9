"""The words of webhooks: which facts may be told, and what became of a delivery."""

from enum import StrEnum

from kernel.states import States


class EventKind(StrEnum):
    ORDER_ACCEPTED = "order.accepted"
    ORDER_CHANGED = "order.changed"
    ORDER_FILLED = "order.filled"
    ORDER_CLOSED = "order.closed"
    PRICE_ALERT_FIRED = "price_alert.fired"
    PAYMENT_ORDER_PAID = "payment_order.paid"
    PAYMENT_ORDER_REFUNDED = "payment_order.refunded"
    PAYMENT_ORDER_CLOSED = "payment_order.closed"
    LOAN_OPENED = "loan.opened"
    LOAN_LEVEL_CHANGED = "loan.level_changed"
    LOAN_MARGIN_CALL = "loan.margin_call"
    LOAN_LIQUIDATION_STARTED = "loan.liquidation_started"
    LOAN_LIQUIDATION_ENDED = "loan.liquidation_ended"
    LOAN_REPAID = "loan.repaid"
    LOAN_OVERDUE = "loan.overdue"
    LOAN_MATURED = "loan.matured"  # its last day is over and it is not repaid
    LOAN_EXTENDED = "loan.extended"
    LOAN_RATE_ANNOUNCED = "loan.rate_announced"
    EARN_SUBSCRIBED = "earn.subscribed"
    EARN_MATURED = "earn.matured"  # the last row was paid
    EARN_REDEEMED_EARLY = "earn.redeemed_early"
    EARN_RENEWED = "earn.renewed"
    EARN_RENEWAL_REFUSED = "earn.renewal_refused"
    EARN_MATURES_SOON = "earn.matures_soon"
    DEPOSIT_SEEN = "deposit.seen"
    DEPOSIT_CREDITED = "deposit.credited"
    DEPOSIT_REVERSED = "deposit.reversed"  # its block left the chain
    DEPOSIT_HELD = "deposit.held"
    DEPOSIT_REFUNDED = "deposit.refunded"
    ADDRESS_ADDED = "address.added"
    WITHDRAWAL_REQUESTED = "withdrawal.requested"
    WITHDRAWAL_SENT = "withdrawal.sent"  # on the chain
    WITHDRAWAL_COMPLETED = "withdrawal.completed"
    WITHDRAWAL_ENDED = "withdrawal.ended"  # rejected, cancelled or failed: nothing left
    WEBHOOK_TESTED = "webhook.tested"  # goes to the webhook that was tested, whatever it wants to be told


class DeliveryState(StrEnum):
    PENDING = "pending"  # not answered with 2xx yet: asked again, under the same id
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"  # asked again for more than a day, in vain


_D = DeliveryState
DELIVERY = States(
    "webhook delivery",
    DeliveryState,
    initial={_D.PENDING},
    moves={
        _D.PENDING: {_D.DELIVERED, _D.GIVEN_UP},
        _D.DELIVERED: {_D.PENDING},  # replayed
        _D.GIVEN_UP: {_D.PENDING},  # replayed
    },
)
