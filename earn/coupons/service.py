"""Coupons: drafts that staff write, campaigns that a second person publishes, and their use by customers.

The budget is money that lies in an account of its own. A use takes the whole bonus of the plan out of it, in the transaction that makes
the plan; the coupon's row is locked first, so that its last unit and a customer's last use are given away once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from earn import accounts
from earn.coupons import checks, postings, queries, rules
from earn.coupons.checks import Surroundings
from earn.coupons.errors import CouponExhausted, CouponNoDraft, CouponNotFound, CouponNotUsable, CouponStopped
from earn.coupons.record import Coupon, Use, Wish
from earn.coupons.rules import Purchase
from earn.coupons.states import CouponStatus, Unusable
from earn.plans.rules import HIGHEST_APR
from earn.templates import service as templates
from identity import service as identity
from identity.approvals import service as approvals
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.permissions import Permission
from kernel import commands, db
from kernel.commands import Outcome
from kernel.db import Tx
from kernel.faults import refuse
from kernel.ids import SYSTEM, uuid7
from payments.assets import service as assets
from payments.balances import service as balances
from payments.errors import AccountClosed, AccountFrozen, InsufficientFunds

__all__ = ["Coupon", "CouponView", "Purchase", "Use", "Wish", "used_by"]

KIND = "earn.coupon"
MOST_SHOWN = 200
_TO_DECIDE = timedelta(days=7)
_S = CouponStatus
used_by = queries.used_by


@dataclass(frozen=True, slots=True)
class CouponView:
    """A coupon as staff see it: how often it was used, and what the marketing budget of its asset holds for all of them."""

    coupon: Coupon
    uses: int
    account: str
    available: Decimal
    approval_id: UUID | None


# What is seen --------------------------------------------------------------------------------------------------------------------


def views(tenant: UUID, *, before: UUID | None, limit: int) -> list[CouponView]:
    """Newest first."""
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        return _views(tx, queries.page(tx, before=before, limit=limit))


def view(tenant: UUID, coupon_id: UUID) -> CouponView:
    """One.

    Raises:
        CouponNotFound
    """
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        found = _views(tx, queries.page(tx, before=None, limit=1, only=coupon_id))
    if not found:
        raise CouponNotFound
    return found[0]


def _views(tx: Tx, found: Sequence[tuple[Coupon, int]]) -> list[CouponView]:
    funded = {row.path: row.available for row in balances.by_path_prefix(tx, accounts.MARKETING)} if found else {}
    made = []
    for coupon, uses in found:
        path = f"{accounts.MARKETING}{coupon.wish.asset}"
        asked = approvals.latest(tx, kind=KIND, resource_id=coupon.id) if coupon.status is _S.DRAFT else None
        made.append(CouponView(coupon, uses, path, funded.get(path, Decimal(0)), asked))
    return made


def mine(tenant: UUID, customer_id: UUID) -> Sequence[tuple[Coupon, int]]:
    """What a customer can use now, and how often yet."""
    with db.read_only(tenant=tenant) as tx:
        return queries.usable(tx, customer_id, limit=MOST_SHOWN)


# What staff do -------------------------------------------------------------------------------------------------------------------


def create(*, tenant: UUID, actor: UUID, wish: Wish, key: str | None) -> Outcome:
    """A draft, and the account from which it will be paid.

    Raises:
        CouponUnfit: what `checks.faults` finds.
    """
    _fitting(tenant, wish)

    def fn(tx: Tx) -> tuple[str, UUID]:
        audit.about(tx, after=wish.document())
        return "earn_coupon", _insert(tx, wish, actor)

    return _command(tenant, actor, "POST /v1/earn/coupons", key, fn, wish=wish.document())


def ask(*, tenant: UUID, actor: UUID, coupon_id: UUID, key: str | None) -> UUID:
    """Ask a second person to publish the draft; answers the approval.

    Raises:
        CouponNotFound, CouponNoDraft
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        found = _locked(tx, coupon_id)
        if found.status is not _S.DRAFT:
            raise CouponNoDraft
        approval_id = approvals.request(
            tx, _subject(found), maker=actor, permission=Permission.EARN_DECIDE, read_permission=Permission.EARN_READ,
            expires_in=_TO_DECIDE,
        )  # fmt: skip
        audit.about(tx, after=found.wish.document(), coupon=str(coupon_id))
        return "approval", approval_id

    return _command(tenant, actor, "POST /v1/earn/coupons/{id}/publish", key, fn, id=str(coupon_id)).id


def stop(*, tenant: UUID, actor: UUID, coupon_id: UUID, key: str | None) -> None:
    """Nobody uses it any more; a draft is given up. What was bought with it is paid as promised.

    Raises:
        CouponNotFound, CouponStopped
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        found = _locked(tx, coupon_id)
        if found.status is _S.STOPPED:
            raise CouponStopped
        if found.status is _S.DRAFT:
            approvals.void(tx, kind=KIND, resource_id=coupon_id, reason="given up")
        queries.stop(tx, coupon_id, start=found.status)
        audit.about(tx, before={"status": found.status}, after={"status": _S.STOPPED}, name=found.wish.name)
        return "earn_coupon", coupon_id

    _command(tenant, actor, "POST /v1/earn/coupons/{id}/stop", key, fn, id=str(coupon_id))


def carry_out(tx: Tx, *, coupon_id: UUID, approval_id: UUID) -> None:
    """Publish what was agreed to, if it still is a draft. Step of the engine."""
    found = queries.lock(tx, coupon_id)
    if found is None or found.status is not _S.DRAFT:
        return
    checker = approvals.granted(tx, approval_id, _subject(found))
    if checker is None:
        return
    _publish(tx, found, by=checker)
    approvals.carried_out(tx, approval_id)


def _publish(tx: Tx, found: Coupon, *, by: UUID) -> None:
    queries.publish(tx, found.id)
    audit.record(
        tx, "earn_coupon.published", kind="earn_coupon", resource=found.id, after=found.wish.document(), actor=by,
        name=found.wish.name,
    )  # fmt: skip


def ensure(tenant: UUID, wish: Wish, *, funds: Decimal) -> None:
    """Publish on nobody's account what is not there yet, and fund it: for demo data, which no second person looks at."""
    with db.transaction(tenant=tenant) as tx:
        if queries.named(tx, wish.name) is not None:
            return
        coupon_id = _insert(tx, wish, SYSTEM)
        made = queries.lock(tx, coupon_id)
        assert made is not None, "it was written a line ago"
        _publish(tx, made, by=SYSTEM)
        postings.fund(tx, wish.asset, funds, key=str(coupon_id))


# What customers do ---------------------------------------------------------------------------------------------------------------


def claim(tx: Tx, coupon_id: UUID, *, customer_id: UUID, template_id: UUID, asset: str, principal: Decimal) -> Coupon:
    """The coupon, locked, if it is good for this purchase: the next one waits until this one is made or refused. Step.

    Raises:
        CouponNotUsable: `reason` says why.
    """
    return _good(tx, queries.lock(tx, coupon_id), customer_id, template_id, asset, principal)


def look(tx: Tx, coupon_id: UUID, *, customer_id: UUID, template_id: UUID, asset: str, principal: Decimal) -> Coupon:
    """As `claim`, for whoever only looks: nobody waits for it.

    Raises:
        CouponNotUsable: `reason` says why.
    """
    found = queries.page(tx, before=None, limit=1, only=coupon_id)
    return _good(tx, found[0][0] if found else None, customer_id, template_id, asset, principal)


def _good(tx: Tx, found: Coupon | None, customer_id: UUID, template_id: UUID, asset: str, principal: Decimal) -> Coupon:
    if found is None:
        raise CouponNotUsable(reason=Unusable.UNKNOWN)
    purchase = Purchase(
        customer_id=customer_id, template_id=template_id, asset=asset, principal=principal,
        uses=queries.uses(tx, found.id, customer_id),
    )  # fmt: skip
    if (reason := rules.why_not(found, purchase, now=tx.now)) is not None:
        raise CouponNotUsable(reason=reason)
    return found


def use(
    tx: Tx, coupon: Coupon, *, subscription_id: UUID, customer_id: UUID, template_id: UUID, amount: Decimal
) -> None:
    """Reserve the whole bonus of a plan out of the budget. Step, after the subscription was written.

    Raises:
        CouponNotUsable: it would bring nothing.
        CouponExhausted: the coupon's budget or the marketing account does not hold it.
    """
    if not amount:
        raise CouponNotUsable(reason=Unusable.NO_BONUS)
    if not queries.take(tx, coupon.id, amount):
        raise CouponExhausted
    queries.insert_use(
        tx, coupon.id, subscription_id=subscription_id, customer_id=customer_id, template_id=template_id, amount=amount
    )  # fmt: skip
    try:
        postings.use(
            tx, coupon_id=coupon.id, subscription_id=subscription_id, template_id=template_id, asset=coupon.wish.asset,
            amount=amount, actor=customer_id,
        )  # fmt: skip
    except (InsufficientFunds, AccountFrozen, AccountClosed):
        raise CouponExhausted from None


def give_back(tx: Tx, subscription_id: UUID, *, forfeited: Decimal, clawed_back: Decimal) -> None:
    """The redemption posted it to the marketing account: the coupon may be used for it again, by whoever has a use left. Step."""
    if forfeited or clawed_back:
        queries.give_back(tx, subscription_id, forfeited=forfeited, clawed_back=clawed_back)


# Pieces --------------------------------------------------------------------------------------------------------------------------


def _insert(tx: Tx, wish: Wish, actor: UUID) -> UUID:
    coupon_id = uuid7()
    accounts.marketing(tx, wish.asset)
    queries.insert(tx, coupon_id, wish, actor=actor)
    return coupon_id


def _subject(coupon: Coupon) -> Subject:
    return Subject(kind=KIND, resource_id=coupon.id, summary=coupon.wish.document())


def _fitting(tenant: UUID, wish: Wish) -> None:
    with db.read_only(tenant=tenant) as tx:
        around = Surroundings(
            scales=dict(assets.all_assets()), highest_apr=HIGHEST_APR,
            templates=set(templates.published_ids(tx, asset=wish.asset)),
            customers=identity.customers_among(tx, wish.customers or ()), now=tx.now,
        )  # fmt: skip
    refuse(checks.faults(wish, around))


def _locked(tx: Tx, coupon_id: UUID) -> Coupon:
    found = queries.lock(tx, coupon_id)
    if found is None:
        raise CouponNotFound
    return found


def _command(
    tenant: UUID, actor: UUID, route: str, key: str | None, fn: Callable[[Tx], tuple[str, UUID]], **body: Any
) -> Outcome:
    print_ = commands.fingerprint(body)
    return commands.run(tenant=tenant, principal=actor, route=route, key=key, fingerprint=print_, fn=fn)
