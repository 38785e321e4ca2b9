"""The payment flow: create, reserve (prepay), pay, cancel, expire, refund.

Each step is one transaction and locks in the house's order: order row, hold, balances, inventory, keys. Paying moves no balance and no
stock row: it captures the hold, appends one journal and one stock move, and marks the order. A step repeated answers with the order as
it is; a step too late is refused exactly, whether or not the sweeper has been there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from identity.tenants import service as tenants
from identity.tenants.states import Product
from kernel import commands, db, log, outbox
from kernel.db import Tx
from kernel.errors import DomainError, IdempotencyConflict
from kernel.ids import uuid7
from kernel.money import canonical, fits_scale
from payments.accounts import service as accounts
from payments.assets import service as assets
from payments.errors import AmountTooFine, HoldExpired
from payments.holds import service as holds
from payments.holds.states import HoldKind
from payments.inventory import service as inventory
from payments.orders import errors, events, postings, queries, rules
from payments.orders.order import Leg, Order
from payments.orders.states import PAID, PaymentStatus
from payments.products import service as products
from payments.products.errors import ProductNotFound
from payments.products.service import Product as SoldProduct

_log = log.get("payment_orders")
TIME_TO_PAY = timedelta(minutes=15)
"""How long an order waits for prepay, and again how long a reserved one waits for payment."""


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order, and its legs for whoever may see them; `replayed` when its request was answered before."""

    order: Order
    legs: Sequence[Leg] = ()
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, under which Idempotency-Key."""

    tenant: UUID
    id: UUID
    realm: str = "REAL"
    key: str | None = None


def create(caller: Caller, *, sku: str, quantity: int) -> OrderView:
    """An order at the present price, to be reserved within fifteen minutes.

    Raises:
        ProductNotFound, InvalidAmount, ProductNotOffered: as they say.
        IdempotencyConflict: the customer's key made another order before.
    """

    def use_case(tx: Tx) -> UUID:
        tenants.require_product(caller.tenant, Product.PAYMENTS)
        product = products.in_shop(tx, sku)
        if product.realm != caller.realm:
            raise ProductNotFound
        order_id = uuid7()
        wanted = _new(
            tx, product, order_id=order_id, customer=caller.id, quantity=quantity, realm=caller.realm, key=caller.key
        )
        if queries.insert(tx, wanted):
            return order_id
        # The key has outlived its memory of three days: the order itself remembers it.
        first = queries.by_client_key(tx, user_id=caller.id, client_key=caller.key)
        if first is None or (first.sku, first.quantity) != (sku, quantity):
            raise IdempotencyConflict
        return first.id

    return _run(caller, "POST /v1/payment-orders", {"sku": sku, "quantity": quantity}, use_case)


def prepay(caller: Caller, order_id: UUID, *, amount_seen: Decimal) -> OrderView:
    """Put money and units aside, if the payer still sees the price that will be charged.

    Raises:
        PriceChanged: what was seen is not what the order says, or the product has another price by now; nothing is held.
        InsufficientFunds, OutOfStock, OrderExpired, OrderCancelled, PaymentOrderNotFound: as they say.
    """

    def use_case(tx: Tx) -> UUID:
        order = _lock(tx, order_id, caller.id)
        if order.status in PAID:
            return order.id
        _require_time(tx, order)
        if order.status is PaymentStatus.PENDING:
            _reserve(tx, order, amount_seen)
        elif amount_seen != order.amount:
            raise errors.PriceChanged(
                "The order was reserved at another amount than the one you saw; it stays as it is, and nothing is charged before `pay`.",
                price=canonical(order.price),
                price_version=order.price_version,
                amount=canonical(order.amount),
                asset=order.asset,
            )
        return order.id

    request = {"id": order_id, "amount_seen": canonical(amount_seen)}
    return _run(caller, "POST /v1/payment-orders/{id}/prepay", request, use_case)


def _reserve(tx: Tx, order: Order, amount_seen: Decimal) -> None:
    product = products.find(tx, order.sku)
    if amount_seen != order.amount or product.price_version != order.price_version:
        raise errors.PriceChanged(
            price=canonical(product.price),
            price_version=product.price_version,
            amount=canonical(product.price * order.quantity),
            asset=order.asset,
        )
    expires_at = tx.now + TIME_TO_PAY
    account = accounts.customer(tx, customer_id=order.user_id, asset=order.asset, realm=order.realm)
    hold_id = holds.open_hold(
        tx,
        account_id=account,
        amount=order.amount,
        kind=HoldKind.ORDER,
        reference=f"payment_order:{order.id}",
        order_id=order.id,
        expires_at=expires_at,
    )
    inventory.reserve(tx, sku=order.sku, units=order.quantity)
    moved = queries.move(
        tx, order.id, PaymentStatus.RESERVED, hold_id=hold_id, payer_account=account, expires_at=expires_at
    )
    assert moved, "the order was locked while it was pending"


def pay(caller: Caller, order_id: UUID) -> OrderView:
    """Spend what was put aside: one journal, one stock move, the order paid. What is charged is always the order's amount.

    Raises:
        OrderExpired, OrderCancelled, OrderNotReserved, PaymentOrderNotFound: as they say.
    """

    def use_case(tx: Tx) -> UUID:
        if not queries.mark_paid(tx, order_id, user_id=caller.id):
            return _why_not_paid(tx, order_id, caller.id)
        order = queries.get(tx, order_id)
        assert order is not None
        _settle(tx, order, actor=caller.id)
        return order.id

    return _run(caller, "POST /v1/payment-orders/{id}/pay", {"id": order_id}, use_case)


def _settle(tx: Tx, order: Order, *, actor: UUID) -> None:
    """The order was just marked as paid: the hold is captured, the journal posted, the units sold."""
    assert order.hold_id is not None
    try:
        captured = holds.capture(tx, hold_id=order.hold_id, amount=order.amount)
    except HoldExpired:  # the business clock was advanced between two statements: order and hold expire together
        raise errors.OrderExpired from None
    shares = products.shares(tx, order.sku)
    parts = rules.legs_of(order.amount, [share.weight for share in shares], scale=assets.scale(order.asset))
    legs = [
        Leg(position, share.role.value, share.account_id, part, Decimal(0))
        for position, (share, part) in enumerate(zip(shares, parts, strict=True), start=1)
    ]
    queries.insert_legs(tx, order.id, legs)
    inventory.sell(tx, sku=order.sku, units=order.quantity, order_id=order.id)
    journal_id = postings.pay(tx, order, captured=captured, hold_id=order.hold_id, legs=legs, actor=actor)
    fact = events.OrderPaid(order.id, order.user_id, order.sku, order.quantity, order.amount, order.asset, journal_id)
    outbox.publish(tx, fact, key=str(order.id))


def buy(tx: Tx, *, customer: UUID, sku: str, quantity: int, realm: str = "REAL") -> Order:
    """Create, reserve and pay in one go, for what another package sells by its own door. Step.

    Raises:
        OutOfStock, InsufficientFunds, AccountFrozen, AccountClosed
    """
    product = products.find(tx, sku)
    assert product.sold_by != products.SHOP, "the shop shows a price before it charges it"
    order_id = uuid7()
    queries.insert(tx, _new(tx, product, order_id=order_id, customer=customer, quantity=quantity, realm=realm))
    order = _lock(tx, order_id, customer)
    _reserve(tx, order, order.amount)
    paid = queries.mark_paid(tx, order_id, user_id=customer)
    assert paid, "it was reserved a line ago"
    _settle(tx, _lock(tx, order_id, customer), actor=customer)
    return order


def _new(
    tx: Tx, product: SoldProduct, *, order_id: UUID, customer: UUID, quantity: int, realm: str, key: str | None = None
) -> dict[str, object]:
    return {
        "id": order_id,
        "realm": realm,
        "user_id": customer,
        "client_key": key,
        "sku": product.sku,
        "quantity": quantity,
        "asset_id": product.asset_id,
        "price": product.price,
        "price_version": product.price_version,
        "amount": rules.amount_of(product.price, quantity, scale=assets.scale(product.asset)),
        "expires_at": tx.now + TIME_TO_PAY,
    }


def _why_not_paid(tx: Tx, order_id: UUID, user_id: UUID) -> UUID:
    """The order was paid before, which is fine, or cannot be paid, which is said."""
    order = queries.get(tx, order_id)
    if order is None or order.user_id != user_id:
        raise errors.PaymentOrderNotFound
    if order.status in PAID:
        return order.id
    _require_time(tx, order)
    raise errors.OrderNotReserved


def cancel(caller: Caller, order_id: UUID) -> OrderView:
    """Let an unpaid order go; money and units are free at once.

    Raises:
        OrderAlreadyPaid, OrderExpired, PaymentOrderNotFound: as they say.
    """

    def use_case(tx: Tx) -> UUID:
        order = _lock(tx, order_id, caller.id)
        if order.status in PAID:
            raise errors.OrderAlreadyPaid
        if order.status is PaymentStatus.EXPIRED:
            raise errors.OrderExpired
        if order.status is not PaymentStatus.CANCELLED:
            _let_go(tx, order, PaymentStatus.CANCELLED)
        return order.id

    return _run(caller, "POST /v1/payment-orders/{id}/cancel", {"id": order_id}, use_case)


def _let_go(tx: Tx, order: Order, end_as: PaymentStatus) -> None:
    """The order is locked; then hold, balance and inventory, in this order."""
    if order.hold_id is not None:
        release = holds.expire if end_as is PaymentStatus.EXPIRED else holds.void
        release(tx, hold_id=order.hold_id)
        inventory.release(tx, sku=order.sku, units=order.quantity)
    moved = queries.move(tx, order.id, end_as)
    assert moved, "the order was locked while it was open"
    outbox.publish(tx, events.OrderClosed(order.id, order.user_id, order.sku, end_as.value), key=str(order.id))


def refund(caller: Caller, order_id: UUID, *, amount: Decimal | None = None, quantity: int | None = None) -> OrderView:
    """Give money back from those who received it, and take units back into stock; see `rules.refund_amount` for what is left unsaid.

    Raises:
        OrderNotPaid, OrderNotRefundable, RefundExceedsPayment, ReturnExceedsOrder, AmountTooFine, PaymentOrderNotFound: as they say.
        InsufficientFunds: a merchant has spent what it received.
    """

    def use_case(tx: Tx) -> UUID:
        order = _lock(tx, order_id, None)
        if order.status not in PAID:
            raise errors.OrderNotPaid
        if products.find(tx, order.sku).sold_by != products.SHOP:
            raise errors.OrderNotRefundable
        paying_back, units = rules.refund_amount(
            amount=amount,
            quantity=quantity,
            price=order.price,
            left=order.amount - order.refunded,
            units_left=order.quantity - order.returned,
        )
        _give_back(tx, order, paying_back, units, actor=caller.id)
        return order.id

    request = {"id": order_id, "amount": None if amount is None else canonical(amount), "quantity": quantity}
    return _run(caller, "POST /v1/payment-orders/{id}/refund", request, use_case, by_staff=True)


def _give_back(tx: Tx, order: Order, amount: Decimal, units: int, *, actor: UUID) -> None:
    scale = assets.scale(order.asset)
    if not fits_scale(amount, scale):
        raise AmountTooFine
    if not 0 < amount <= order.amount - order.refunded:
        raise errors.RefundExceedsPayment(left=canonical(order.amount - order.refunded))
    if units > order.quantity - order.returned:
        raise errors.ReturnExceedsOrder(left=order.quantity - order.returned)
    assert order.payer_account is not None
    number, refunded = order.refunds + 1, order.refunded + amount
    legs = queries.legs(tx, order.id)
    parts = rules.refund_legs(amount, [leg.left for leg in legs], scale=scale)
    queries.take_back(tx, order.id, [(leg.position, part) for leg, part in zip(legs, parts, strict=True)])
    to = PaymentStatus.REFUNDED if refunded == order.amount else PaymentStatus.PARTIALLY_REFUNDED
    moved = queries.move(tx, order.id, to, refunded=refunded, refunds=number, returned=order.returned + units)
    assert moved, "the order was locked while it was paid"
    if units:
        inventory.take_back(tx, sku=order.sku, units=units, order_id=order.id, actor=str(actor))
    journal_id = postings.refund(
        tx,
        order,
        number=number,
        amount=amount,
        parts=[(leg.account_id, part) for leg, part in zip(legs, parts, strict=True)],
        payer_account=order.payer_account,
        actor=actor,
    )
    fact = events.OrderRefunded(
        order.id, order.user_id, order.sku, number, amount, refunded, units, order.asset, journal_id
    )
    outbox.publish(tx, fact, key=str(order.id))


def expire_due(*, limit: int = 500) -> int:
    """End orders past their time, each in a transaction of its tenant; only the engine may. Returns how many ended.

    Candidates are found without locks and then locked order first: whoever took the hold first would wait for a payer who waits for it.
    """
    ended = 0
    while True:
        with db.read_only() as tx:
            found = queries.due(tx, limit=limit)
        done = sum(_expire(tenant, order_id) for tenant, order_id in found)
        ended += done
        if not done:
            return ended


def _expire(tenant: UUID, order_id: UUID) -> bool:
    def once() -> bool:
        with db.transaction(tenant=tenant) as tx:
            order = queries.lock_due(tx, order_id)
            if order is None:
                return False
            _let_go(tx, order, PaymentStatus.EXPIRED)
            return True

    try:
        return db.retrying(once)
    except (
        DomainError
    ) as error:  # an order that does not fit its hold is an incident, and no reason to keep the others waiting
        _log.error("payment_order_not_expired", order_id=str(order_id), code=error.code)
        return False


def get(*, tenant: UUID, order_id: UUID, user_id: UUID | None, realm: str = "REAL") -> OrderView:
    """One order; of anybody, with its legs, when `user_id` is None.

    Raises:
        PaymentOrderNotFound: there is none, it is somebody else's, or of the other realm.
    """
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        order = queries.get(tx, order_id)
        if order is None or order.realm != realm or user_id not in {None, order.user_id}:
            raise errors.PaymentOrderNotFound
        return OrderView(order, queries.legs(tx, order_id) if user_id is None else ())


def list_orders(
    *,
    tenant: UUID,
    user_id: UUID | None,
    realm: str,
    status: str | None,
    sku: str | None,
    before: UUID | None,
    limit: int,
) -> list[OrderView]:
    """Newest first; of everybody when `user_id` is None."""
    with db.read_only(tenant=tenant) as tx:
        found = queries.page(tx, user_id=user_id, status=status, sku=sku, realm=realm, before=before, limit=limit)
        return [OrderView(order) for order in found]


def _lock(tx: Tx, order_id: UUID, user_id: UUID | None) -> Order:
    order = queries.lock(tx, order_id)
    if order is None or user_id not in {None, order.user_id}:
        raise errors.PaymentOrderNotFound
    return order


def _require_time(tx: Tx, order: Order) -> None:
    """An unpaid order can go on only while its time has not passed."""
    gone: dict[PaymentStatus, type[DomainError]] = {
        PaymentStatus.CANCELLED: errors.OrderCancelled,
        PaymentStatus.EXPIRED: errors.OrderExpired,
    }
    if order.status in gone:
        raise gone[order.status]
    if order.expires_at <= tx.now:
        raise errors.OrderExpired


def _run(
    caller: Caller,
    route: str,
    request: Mapping[str, object],
    use_case: Callable[[Tx], UUID],
    *,
    by_staff: bool = False,
) -> OrderView:
    outcome = commands.run(
        tenant=caller.tenant,
        principal=caller.id,
        route=route,
        key=caller.key,
        fingerprint=commands.fingerprint(request),
        fn=lambda tx: ("payment_order", use_case(tx)),
    )
    view = get(tenant=caller.tenant, order_id=outcome.id, user_id=None if by_staff else caller.id)
    return OrderView(view.order, view.legs, outcome.replayed)
