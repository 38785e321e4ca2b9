"""What a subscription would be, before anybody has paid for it: its plan to the last unit, and how much more this customer may have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from earn.coupons import service as coupons
from earn.instances import service as instances
from earn.instances.errors import InstanceNotFound
from earn.instances.record import Instance
from earn.plans import rules as plans
from earn.plans.rules import Row
from earn.subscriptions import queries
from earn.subscriptions.service import Caller, caps, fits
from kernel import db
from kernel.db import Tx
from payments.assets import service as assets

__all__ = ["Caller", "Preview"]


@dataclass(frozen=True, slots=True)
class Preview:
    """`apr` is the one rate that earns the same on this principal; without a cap `cap_left` is None."""

    instance: Instance
    rows: Sequence[Row]
    apr: Decimal
    cap_left: Decimal | None
    at: datetime


def preview(caller: Caller, instance_id: UUID, *, principal: Decimal, coupon_id: UUID | None) -> Preview:
    """The plan of a subscription of this day, whether or not it is on sale yet. Whether a coupon's budget holds it is said when it is used.

    Raises:
        InstanceNotFound, PrincipalUnfit, SoldOut, CouponNotUsable
    """
    with db.read_only(tenant=caller.tenant) as tx:
        one = instances.known(tx, {instance_id}).get(instance_id)
        if one is None:
            raise InstanceNotFound
        fits(one, principal)
        terms, on = one.terms.plan(assets.scale(one.asset)), one.dates.value_date
        rows = plans.plan(principal, terms, value_date=on)
        if coupon_id is not None:
            coupon = coupons.look(
                tx, coupon_id, customer_id=caller.id, template_id=one.template_id, asset=one.asset, principal=principal
            )
            rows = plans.boosted(rows, coupon.wish.boost, principal, terms, value_date=on)
        return Preview(one, rows, plans.applied_apr(principal, one.terms.tiers), _cap_left(tx, one, caller.id), tx.now)


def _cap_left(tx: Tx, one: Instance, customer: UUID) -> Decimal | None:
    """The tighter of the two caps; where less is allowed today than somebody has, nothing is left."""
    limits = {day: cap for day, cap in caps(one) if cap is not None}
    taken = queries.taken(tx, customer=customer, template=one.template_id, days=limits)
    zero = Decimal(0)
    return min((max(cap - taken.get(day, zero), zero) for day, cap in limits.items()), default=None)
