"""One function, one statement on coupons and their uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from earn.coupons.record import Coupon, Use, Wish
from earn.coupons.states import COUPON, CouponStatus
from earn.plans.rules import Boost
from kernel.db import AnyRow, Tx

_COLUMNS = """c.id, c.status, c.name, c.asset, c.apr_boost, c.max_principal, c.days, c.minimum, c.templates, c.starts_at, c.ends_at,
              c.uses_per_customer, c.customers, c.budget, c.used, c.created_by, c.created_at, c.published_at, c.stopped_at"""


def lock(tx: Tx, coupon_id: UUID) -> Coupon | None:
    """One at a time uses it, publishes it or stops it."""
    row = tx.first(
        f"SELECT {_COLUMNS} FROM earn.coupons c WHERE c.tenant_id = :tenant AND c.id = :id FOR NO KEY UPDATE",
        tenant=tx.tenant_id, id=coupon_id,
    )  # fmt: skip
    return None if row is None else _coupon(row)


def page(tx: Tx, *, before: UUID | None, limit: int, only: UUID | None = None) -> Sequence[tuple[Coupon, int]]:
    """Newest first, each with how often it was used; one where it is named."""
    rows = tx.all(
        f"""SELECT {_COLUMNS}, (SELECT count(*) FROM earn.coupon_uses u WHERE u.coupon_id = c.id) AS uses FROM earn.coupons c
            WHERE c.tenant_id = :tenant AND (CAST(:only AS uuid) IS NULL OR c.id = :only)
              AND (CAST(:before AS uuid) IS NULL OR c.id < :before)
            ORDER BY c.id DESC LIMIT :limit""",
        tenant=tx.tenant_id, only=only, before=before, limit=limit,
    )  # fmt: skip
    return [(_coupon(row), row.uses) for row in rows]


def usable(tx: Tx, customer_id: UUID, *, limit: int) -> Sequence[tuple[Coupon, int]]:
    """What this customer can use now, the one that ends first at the top, each with the uses that are left to them."""
    rows = tx.all(
        f"""SELECT * FROM (
                SELECT {_COLUMNS}, c.uses_per_customer - (SELECT count(*) FROM earn.coupon_uses u
                                                           WHERE u.coupon_id = c.id AND u.customer_id = :customer) AS uses_left
                  FROM earn.coupons c
                 WHERE c.tenant_id = :tenant AND c.status = 'published' AND c.starts_at <= :now AND c.ends_at > :now
                   AND c.used < c.budget AND (c.customers IS NULL OR :customer = ANY(c.customers))) mine
            WHERE uses_left > 0 ORDER BY ends_at, id LIMIT :limit""",
        tenant=tx.tenant_id, customer=customer_id, now=tx.now, limit=limit,
    )  # fmt: skip
    return [(_coupon(row), row.uses_left) for row in rows]


def insert(tx: Tx, coupon_id: UUID, wish: Wish, *, actor: UUID) -> None:
    tx.execute(
        """INSERT INTO earn.coupons (tenant_id, id, status, name, asset, apr_boost, max_principal, days, minimum, templates, starts_at,
                                     ends_at, uses_per_customer, customers, budget, created_by, created_at)
           VALUES (:tenant, :id, 'draft', :name, :asset, :apr_boost, :max_principal, :days, :minimum, :templates, :starts_at, :ends_at,
                   :uses, :customers, :budget, :actor, :now)""",
        tenant=tx.tenant_id, id=coupon_id, name=wish.name, asset=wish.asset, apr_boost=wish.boost.apr,
        max_principal=wish.boost.max_principal, days=wish.boost.days, minimum=wish.minimum, templates=list(wish.templates),
        starts_at=wish.starts_at, ends_at=wish.ends_at, uses=wish.uses_per_customer,
        customers=None if wish.customers is None else list(wish.customers), budget=wish.budget, actor=actor, now=tx.now,
    )  # fmt: skip


def publish(tx: Tx, coupon_id: UUID) -> None:
    COUPON.check(CouponStatus.DRAFT, CouponStatus.PUBLISHED)
    tx.execute(
        "UPDATE earn.coupons SET status = 'published', published_at = :now WHERE tenant_id = :tenant AND id = :id AND status = 'draft'",
        tenant=tx.tenant_id, id=coupon_id, now=tx.now,
    )  # fmt: skip


def stop(tx: Tx, coupon_id: UUID, *, start: CouponStatus) -> None:
    COUPON.check(start, CouponStatus.STOPPED)
    tx.execute(
        "UPDATE earn.coupons SET status = 'stopped', stopped_at = :now WHERE tenant_id = :tenant AND id = :id AND status = :start",
        tenant=tx.tenant_id, id=coupon_id, start=start.value, now=tx.now,
    )  # fmt: skip


def named(tx: Tx, name: str) -> UUID | None:
    found: UUID | None = tx.scalar(
        "SELECT id FROM earn.coupons WHERE tenant_id = :tenant AND name = :name LIMIT 1", tenant=tx.tenant_id, name=name
    )
    return found


# Uses ----------------------------------------------------------------------------------------------------------------------------


def uses(tx: Tx, coupon_id: UUID, customer_id: UUID) -> int:
    found: int = tx.scalar(
        "SELECT count(*) FROM earn.coupon_uses WHERE coupon_id = :id AND customer_id = :customer",
        id=coupon_id, customer=customer_id,
    )  # fmt: skip
    return found


def insert_use(
    tx: Tx, coupon_id: UUID, *, subscription_id: UUID, customer_id: UUID, template_id: UUID, amount: Decimal
) -> None:
    tx.execute(
        """INSERT INTO earn.coupon_uses (tenant_id, subscription_id, coupon_id, customer_id, template_id, amount, used_at)
           VALUES (:tenant, :subscription, :id, :customer, :template, :amount, :now)""",
        tenant=tx.tenant_id, subscription=subscription_id, id=coupon_id, customer=customer_id, template=template_id, amount=amount,
        now=tx.now,
    )  # fmt: skip


def take(tx: Tx, coupon_id: UUID, amount: Decimal) -> bool:
    """Count an amount against the budget; False when it does not fit, and then nothing is counted."""
    row = tx.first(
        """UPDATE earn.coupons SET used = used + :amount WHERE tenant_id = :tenant AND id = :id AND used + :amount <= budget
           RETURNING true""",
        tenant=tx.tenant_id, id=coupon_id, amount=amount,
    )  # fmt: skip
    return row is not None


def give_back(tx: Tx, subscription_id: UUID, *, forfeited: Decimal, clawed_back: Decimal) -> None:
    """A subscription ended early: the budget has again what its plan does not get."""
    tx.execute(
        """WITH ended AS (UPDATE earn.coupon_uses SET forfeited = :forfeited, clawed_back = :clawed_back
                           WHERE tenant_id = :tenant AND subscription_id = :id RETURNING coupon_id)
           UPDATE earn.coupons c SET used = used - CAST(:forfeited AS numeric) - CAST(:clawed_back AS numeric)
             FROM ended WHERE c.tenant_id = :tenant AND c.id = ended.coupon_id""",
        tenant=tx.tenant_id, id=subscription_id, forfeited=forfeited, clawed_back=clawed_back,
    )  # fmt: skip


def used_by(tx: Tx, subscriptions: Sequence[UUID]) -> Mapping[UUID, Use]:
    """By subscription; those without a coupon are not there."""
    rows = tx.all(
        """SELECT u.subscription_id, u.coupon_id, c.name, c.apr_boost, u.amount, u.forfeited, u.clawed_back
             FROM earn.coupon_uses u JOIN earn.coupons c ON c.id = u.coupon_id
            WHERE u.tenant_id = :tenant AND u.subscription_id = ANY(:ids)""",
        tenant=tx.tenant_id, ids=list(subscriptions),
    )  # fmt: skip
    return {
        row.subscription_id: Use(row.coupon_id, row.name, row.apr_boost, row.amount, row.forfeited, row.clawed_back)
        for row in rows
    }


def _coupon(row: AnyRow) -> Coupon:
    wish = Wish(
        name=row.name, asset=row.asset, boost=Boost(row.apr_boost, row.max_principal, row.days), minimum=row.minimum,
        templates=tuple(row.templates), starts_at=row.starts_at, ends_at=row.ends_at, uses_per_customer=row.uses_per_customer,
        customers=None if row.customers is None else tuple(row.customers), budget=row.budget,
    )  # fmt: skip
    return Coupon(
        id=row.id, status=CouponStatus(row.status), wish=wish, used=row.used, created_by=row.created_by,
        created_at=row.created_at, published_at=row.published_at, stopped_at=row.stopped_at,
    )  # fmt: skip
