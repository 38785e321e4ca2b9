"""Subscriptions: bought of a day's quota as a payment order, with their plan in the same transaction; ended early by their owner.

Whoever is refused has paid nothing and counts against nothing. Locks in order: the instance (shared), the caps, the coupon, the order,
and then as every payment: hold, balance, stock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date
from decimal import Decimal
from typing import Any
from uuid import UUID

from earn.coupons import service as coupons
from earn.coupons.service import Coupon, Use
from earn.instances import service as instances
from earn.instances.errors import InstanceNotFound
from earn.instances.record import Instance
from earn.instances.rules import business_date
from earn.payouts import postings, settling
from earn.payouts import queries as payable
from earn.plans import rules as plans
from earn.plans.rules import Redemption, Row
from earn.renewals import rules as renewals
from earn.subscriptions import errors, queries
from earn.subscriptions.events import RedeemedEarly, Subscribed
from earn.subscriptions.record import Subscription
from earn.subscriptions.states import SubscriptionStatus
from earn.templates.states import Renewal
from identity.audit import service as audit
from identity.eligibility import service as eligibility
from identity.eligibility.states import Action, Product
from identity.tenants import service as tenants
from identity.tenants.states import Product as Offered
from kernel import commands, db, outbox
from kernel.commands import Outcome
from kernel.db import Tx
from kernel.ids import uuid7
from kernel.money import canonical
from payments.accounts import service as accounts
from payments.assets import service as assets
from payments.inventory.errors import OutOfStock
from payments.orders import service as orders

__all__ = ["Caller", "Subscription", "SubscriptionView", "Wish", "runs"]

_S = SubscriptionStatus
runs = queries.runs


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, under which Idempotency-Key."""

    tenant: UUID
    id: UUID
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What the customer clicked on, and the terms that stood there."""

    instance_id: UUID
    principal: Decimal
    expected_apr: Decimal
    expected_version: int
    renewal: Renewal | None = None
    coupon_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """A subscription, the day it was bought of, and its plan."""

    subscription: Subscription
    instance: Instance
    rows: Sequence[Row]
    coupon: Use | None = None


# What is seen --------------------------------------------------------------------------------------------------------------------


def view(tenant: UUID, subscription_id: UUID, *, customer: UUID | None) -> SubscriptionView:
    """One; of anybody when no customer is named.

    Raises:
        SubscriptionNotFound
    """
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        found = queries.get(tx, subscription_id, customer=customer)
        if found is None:
            raise errors.SubscriptionNotFound
        return _views(tx, [found])[0]


def page(
    tenant: UUID, *, customer: UUID | None, status: SubscriptionStatus | None, before: UUID | None, limit: int
) -> list[SubscriptionView]:
    """Newest first, each with its plan."""
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        return _views(tx, queries.page(tx, customer=customer, status=status, before=before, limit=limit))


def _views(tx: Tx, found: Sequence[Subscription]) -> list[SubscriptionView]:
    rows = queries.plans(tx, [one.id for one in found])
    days = instances.known(tx, {one.instance_id for one in found})
    used = coupons.used_by(tx, [one.id for one in found])
    return [SubscriptionView(one, days[one.instance_id], rows[one.id], used.get(one.id)) for one in found]


# Buying --------------------------------------------------------------------------------------------------------------------------


def subscribe(caller: Caller, wish: Wish) -> Outcome:
    """Take the principal and make the plan, at the terms that the customer saw.

    Raises:
        InstanceNotFound, ProductNotOffered, NotEligible, PrincipalUnfit, SaleNotOpen, TermsChanged, CapReached, SoldOut,
        InsufficientFunds, RenewalNotOffered
        CouponNotUsable, CouponExhausted: of the coupon that was brought along.
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        may_begin(tx, caller.id)
        one = instances.share(tx, wish.instance_id)
        if one is None:
            raise InstanceNotFound
        _require(tx, one, wish)
        _count(tx, one, caller.id, wish.principal)
        coupon = _claimed(tx, one, caller.id, wish)
        made, rows = _planned(tx, one, caller.id, wish.principal, renewal=wish.renewal)
        if coupon is not None:
            rows = _boosted(made, rows, coupon, one)
        queries.insert(tx, made, rows)
        if coupon is not None:
            _use(tx, coupon, made, rows)
        fact = Subscribed(made.id, made.customer_id, made.instance_id, made.asset, made.principal, made.maturity)
        outbox.publish(tx, fact, key=str(made.id))
        audit.about(tx, instance=str(one.id), principal=canonical(made.principal), asset=made.asset)
        return "subscription", made.id

    body = {
        "instance": str(wish.instance_id), "principal": canonical(wish.principal), "apr": canonical(wish.expected_apr),
        "version": wish.expected_version, "renewal": wish.renewal,
        **({"coupon": str(wish.coupon_id)} if wish.coupon_id else {}),
    }  # fmt: skip
    return _command(caller, "POST /v1/earn/subscriptions", fn, **body)


def _require(tx: Tx, one: Instance, wish: Wish) -> None:
    """What can be judged before anything is taken. A difference in the terms comes first: the rest may follow from it."""
    apr = one.terms.tiers[0].apr
    if (wish.expected_version, wish.expected_apr) != (one.version, apr):
        raise errors.TermsChanged(version=one.version, apr=canonical(apr))
    if one.withdrawn_at is not None or not one.window.holds(tx.now):
        raise errors.SaleNotOpen(opens_at=one.window.opens_at.isoformat(), closes_at=one.window.closes_at.isoformat())
    renewals.chosen(wish.renewal, one.terms.renewals)


def may_begin(tx: Tx, customer: UUID) -> None:
    """Whether the customer may have something new of earn, bought or renewed. Step.

    Raises:
        ProductNotOffered, NotEligible
    """
    tenants.require_product(tx.tenant_id, Offered.EARN)
    eligibility.require(tx, customer, Product.EARN, Action.BEGIN)


def buy(
    tx: Tx, one: Instance, customer: UUID, principal: Decimal, *, renewal: Renewal | None
) -> tuple[Subscription, Sequence[Row]]:
    """Count it, pay for it and plan it; whoever asks has locked the day and inserts what comes of it. Step.

    Raises:
        PrincipalUnfit, CapReached, SoldOut, InsufficientFunds
    """
    _count(tx, one, customer, principal)
    return _planned(tx, one, customer, principal, renewal=renewal)


def fits(one: Instance, principal: Decimal) -> None:
    """Whether a day could sell this much to anybody.

    Raises:
        PrincipalUnfit, SoldOut
    """
    if principal < one.terms.minimum or principal % one.terms.step:
        raise errors.PrincipalUnfit(minimum=canonical(one.terms.minimum), step=canonical(one.terms.step))
    if principal > one.quota:
        raise errors.SoldOut


def caps(one: Instance) -> tuple[tuple[date, Decimal | None], ...]:
    """What a customer may have of a template and of one day, by the day under which it is counted."""
    return (queries.IN_ALL, one.terms.customer_cap), (one.dates.sale_date, one.terms.customer_day_cap)


def _count(tx: Tx, one: Instance, customer: UUID, principal: Decimal) -> None:
    fits(one, principal)
    for day, cap in caps(one):
        if not queries.take(tx, customer=customer, template=one.template_id, day=day, amount=principal, cap=cap):
            assert cap is not None, "without a cap everything fits"
            raise errors.CapReached(cap=canonical(cap), asset=one.asset)


def _planned(
    tx: Tx, one: Instance, customer: UUID, principal: Decimal, *, renewal: Renewal | None
) -> tuple[Subscription, Sequence[Row]]:
    made, rows = _bought(tx, one, customer, principal)
    remind_on = renewals.remind_on(
        made.maturity, after=max(made.value_date, business_date(tx.now, made.zone)), holidays=one.terms.holidays
    )
    return replace(made, renewal=renewals.chosen(renewal, one.terms.renewals), remind_on=remind_on), rows


def _bought(tx: Tx, one: Instance, customer: UUID, principal: Decimal) -> tuple[Subscription, Sequence[Row]]:
    try:
        order = orders.buy(tx, customer=customer, sku=one.sku, quantity=int(principal / one.terms.step))
    except OutOfStock:
        raise errors.SoldOut from None
    made = Subscription(
        id=uuid7(), customer_id=customer, instance_id=one.id, template_id=one.template_id, order_id=order.id, asset=one.asset,
        account_id=accounts.customer(tx, customer_id=customer, asset=one.asset), principal=principal,
        apr_applied=plans.applied_apr(principal, one.terms.tiers), value_date=one.dates.value_date, maturity=one.dates.maturity,
        zone=one.terms.zone, status=_S.ACTIVE, created_at=tx.now,
    )  # fmt: skip
    return made, plans.plan(principal, one.terms.plan(assets.scale(one.asset)), value_date=one.dates.value_date)


def _claimed(tx: Tx, one: Instance, customer: UUID, wish: Wish) -> Coupon | None:
    if wish.coupon_id is None:
        return None
    return coupons.claim(
        tx, wish.coupon_id, customer_id=customer, template_id=one.template_id, asset=one.asset, principal=wish.principal
    )


def _boosted(made: Subscription, rows: Sequence[Row], coupon: Coupon, one: Instance) -> Sequence[Row]:
    terms = one.terms.plan(assets.scale(one.asset))
    return plans.boosted(rows, coupon.wish.boost, made.principal, terms, value_date=made.value_date)


def _use(tx: Tx, coupon: Coupon, made: Subscription, rows: Sequence[Row]) -> None:
    bonus = sum((row.bonus for row in rows), Decimal(0))
    coupons.use(
        tx, coupon, subscription_id=made.id, customer_id=made.customer_id, template_id=made.template_id, amount=bonus
    )


# Ending early --------------------------------------------------------------------------------------------------------------------


def what_if(caller: Caller, subscription_id: UUID) -> tuple[SubscriptionView, Redemption]:
    """What an early end would bring at this moment; nothing is done.

    Raises:
        SubscriptionNotFound, SubscriptionEnded, AlreadyMatured
    """
    with db.read_only(tenant=caller.tenant, repeatable=True) as tx:
        found = queries.get(tx, subscription_id, customer=caller.id)
        done = _redemption(tx, found)
        assert found is not None, "nobody redeems what is not there"
        return _views(tx, [found])[0], done


def redeem(caller: Caller, subscription_id: UUID) -> SubscriptionView:
    """End it now: what is due is paid as planned, all later rows are void, and the principal comes back as the policy says.

    Raises:
        SubscriptionNotFound, SubscriptionEnded, AlreadyMatured
        NotEligible: who is on a list of names moves nothing; what is due comes to them by itself, and stays.
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        found = queries.lock(tx, subscription_id, customer=caller.id)
        done = _redemption(tx, found)
        assert found is not None, "nobody redeems what is not there"
        eligibility.require(tx, caller.id, Product.EARN, Action.END)
        due = payable.due_of(tx, found.id, by=tx.now)
        # Posted before the rows of the template and of the customer are locked, as the payout does.
        postings.redeem(tx, [row for row in due if not postings.nothing(row)], found, done, actor=caller.id)
        settling.settle(tx, due)
        if done.accrued != done.clawed_back:
            day = tx.now.astimezone(UTC).date()
            payable.cost(tx, found.template_id, amount=done.accrued - done.clawed_back, day=day)
        queries.end_early(tx, found.id, done)
        queries.give_back(tx, customer=found.customer_id, template=found.template_id, amount=found.principal)
        coupons.give_back(tx, found.id, forfeited=done.bonus_forfeited, clawed_back=done.bonus_clawed_back)
        fact = RedeemedEarly(found.id, found.customer_id, found.asset, found.principal, done.cash)
        outbox.publish(tx, fact, key=str(found.id))
        audit.about(tx, cash=canonical(done.cash), asset=found.asset)
        return "subscription", found.id

    _command(caller, "POST /v1/earn/subscriptions/{id}/redemptions", fn, id=str(subscription_id))
    return view(caller.tenant, subscription_id, customer=caller.id)


def _redemption(tx: Tx, found: Subscription | None) -> Redemption:
    if found is None:
        raise errors.SubscriptionNotFound
    if found.status is not _S.ACTIVE:
        raise errors.SubscriptionEnded
    one = instances.known(tx, {found.instance_id})[found.instance_id]
    return plans.redeem(
        queries.plans(tx, [found.id])[found.id], one.terms.plan(assets.scale(found.asset)), principal=found.principal,
        value_date=found.value_date, on=business_date(tx.now, found.zone),
    )  # fmt: skip


def _command(caller: Caller, route: str, fn: Callable[[Tx], tuple[str, UUID]], **body: Any) -> Outcome:
    return commands.run(
        tenant=caller.tenant, principal=caller.id, route=route, key=caller.key, fingerprint=commands.fingerprint(body), fn=fn
    )  # fmt: skip
