"""What happens to a subscription at its maturity, if its customer wants it to go on.

The last row is paid and the next subscription bought in one transaction, so the money is with the customer or renewed and never between.
What cannot be renewed is marked with the reason, and from then on its last row is one of those that are simply paid. A failure of ours
leaves it due for a day and then counts as a refusal: a defect keeps nobody's money.

Locks in order: the subscription, the next day of sale (shared), what a payout locks, the caps, and then as every purchase.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from sqlalchemy.exc import OperationalError

from earn.instances import service as instances
from earn.instances.record import Instance
from earn.instances.rules import business_date
from earn.payouts import postings, settling
from earn.payouts import queries as payable
from earn.payouts.record import Due
from earn.plans.errors import AlreadyMatured
from earn.renewals import queries, rules
from earn.renewals.errors import RenewalFailed
from earn.renewals.events import RenewalRefused, Renewed
from earn.renewals.record import START, ToRenew, Tried
from earn.subscriptions import queries as subscriptions
from earn.subscriptions import service as buying
from earn.subscriptions.errors import SaleNotOpen, SubscriptionEnded, SubscriptionNotFound
from earn.subscriptions.record import Subscription
from earn.subscriptions.service import Caller
from earn.subscriptions.states import SubscriptionStatus
from earn.templates.states import Renewal
from identity.audit import service as audit
from kernel import commands, db, failpoints, log, outbox
from kernel.db import Tx
from kernel.errors import DomainError
from kernel.money import canonical

__all__ = ["START", "ToRenew", "Tried"]

BATCH = 500
REMINDERS = 5_000
PATIENCE = timedelta(days=1)
_OUT_OF_ORDER = 500
_log = log.get("earn_renewals")
failpoints.declare("earn.renewal.before_commit", "earn.renewal.after_commit")


def choose(caller: Caller, subscription_id: UUID, wanted: Renewal) -> None:
    """Change what happens at the maturity.

    Raises:
        SubscriptionNotFound, SubscriptionEnded, AlreadyMatured, RenewalNotOffered
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        found = subscriptions.lock(tx, subscription_id, customer=caller.id)
        if found is None:
            raise SubscriptionNotFound
        if found.status is not SubscriptionStatus.ACTIVE:
            raise SubscriptionEnded
        if business_date(tx.now, found.zone) >= found.maturity:
            raise AlreadyMatured
        queries.choose(tx, found.id, rules.chosen(wanted, _of(tx, found).terms.renewals))
        audit.about(tx, before={"renewal": found.renewal.value}, after={"renewal": wanted.value})
        return "subscription", found.id

    print_ = commands.fingerprint({"id": str(subscription_id), "renewal": wanted.value})
    commands.run(
        tenant=caller.tenant, principal=caller.id, route="PUT /v1/earn/subscriptions/{id}/renewal", key=caller.key,
        fingerprint=print_, fn=fn,
    )  # fmt: skip


# At the maturity -----------------------------------------------------------------------------------------------------------------


def next_due(tenant: UUID, *, by: datetime, after: ToRenew) -> Sequence[ToRenew]:
    """What is to be renewed next: some of what matured at the same moment, the earliest there is."""
    with db.read_only(tenant=tenant) as tx:
        found = queries.due(tx, by=by, after=after, limit=BATCH)
    return [one for one in found if one.due_at == found[0].due_at]


def renew(tenant: UUID, one: ToRenew, *, run_id: UUID, by: datetime) -> Tried:
    """Renew it, or see to it that it is paid out. Any number of times, and by any number of workers: it happens once."""
    try:
        paid = db.retrying(partial(_renew, tenant, one, run_id))
    except Exception as error:  # noqa: BLE001  the others must have their renewals
        reason = _reason(error, late=by - one.due_at >= PATIENCE)
        if reason is None:
            _log.error("earn_renewal_failed", subscription=str(one.id), error=repr(error))
            db.retrying(partial(_leave, tenant, run_id))
            return Tried(left=1)
        db.retrying(partial(_refuse, tenant, one.id, reason))
        return Tried()
    failpoints.hit("earn.renewal.after_commit")
    return Tried(paid)


def _reason(error: Exception, *, late: bool) -> str | None:
    """Why it is paid out; None where it may be tried again, which nobody's fault but ours is for a day."""
    if isinstance(error, DomainError):
        return error.code if error.status < _OUT_OF_ORDER else None
    return RenewalFailed.code if late and not isinstance(error, OperationalError) else None


def _renew(tenant: UUID, one: ToRenew, run_id: UUID) -> int:
    """How many rows were paid with it; none where it is another's, or no longer to be renewed."""
    with db.transaction(tenant=tenant) as tx:
        old = _claim(tx, one.id)
        if old is None:
            return 0
        due = payable.due_of(tx, old.id, by=one.due_at)
        day = _next_day(tx, old, one.due_at)
        buying.may_begin(tx, old.customer_id)
        postings.pay_now(tx, due)
        settling.paid(tx, due)
        subscriptions.give_back(tx, customer=old.customer_id, template=old.template_id, amount=old.principal)
        _go_on(tx, old, day, due[-1])
        payable.progress(tx, run_id, paid=len(due), refused=0)
        failpoints.hit("earn.renewal.before_commit")
    return len(due)


def _claim(tx: Tx, subscription_id: UUID) -> Subscription | None:
    found = subscriptions.claim(tx, subscription_id)
    if found is None or found.status is not SubscriptionStatus.ACTIVE:
        return None
    return None if found.renewal is Renewal.PAY_OUT or found.renewal_refused is not None else found


def _next_day(tx: Tx, old: Subscription, moment: datetime) -> Instance:
    """The day of sale that begins with the maturity, or else is on sale then: its hours bind nobody here, a stopped sale does."""
    template = _of(tx, old).terms.move_to if old.renewal is Renewal.MOVE else old.template_id
    assert template is not None, "a move is offered only with where it goes"
    found = instances.share_next(tx, template, old.maturity, moment=moment)
    if found is None or found.withdrawn_at is not None:
        raise SaleNotOpen
    return found


def _go_on(tx: Tx, old: Subscription, day: Instance, last: Due) -> None:
    earned = last.interest + last.bonus
    principal = rules.going_on(old.renewal, principal=last.principal, interest=earned, step=day.terms.step)
    choice = rules.carried_on(old.renewal, day.terms.renewals)
    made, rows = buying.buy(tx, day, old.customer_id, principal, renewal=choice)
    subscriptions.insert(tx, replace(made, renewed_from=old.id), rows)
    queries.renewed(tx, old.id, into=made.id)
    fact = Renewed(
        old.id, old.customer_id, made.id, old.asset, made.principal, earned + last.principal - made.principal,
        Decimal(canonical(made.apr_applied)), made.maturity,
    )  # fmt: skip
    outbox.publish(tx, fact, key=str(old.id))


def _refuse(tenant: UUID, subscription_id: UUID, reason: str) -> None:
    with db.transaction(tenant=tenant) as tx:
        found = _claim(tx, subscription_id)
        if found is not None:
            queries.refused(tx, found.id, reason=reason)
            fact = RenewalRefused(found.id, found.customer_id, found.asset, found.principal, reason)
            outbox.publish(tx, fact, key=str(found.id))


def _leave(tenant: UUID, run_id: UUID) -> None:
    with db.transaction(tenant=tenant) as tx:
        payable.progress(tx, run_id, paid=0, refused=1)


def _of(tx: Tx, one: Subscription) -> Instance:
    return instances.known(tx, {one.instance_id})[one.instance_id]


# Before the maturity -------------------------------------------------------------------------------------------------------------


def remind(tenant: UUID, *, by: datetime) -> None:
    """Tell whose maturity is near, once; after a pause nobody is told of one that has passed."""
    while db.retrying(partial(_remind, tenant, by)) == REMINDERS:
        pass


def _remind(tenant: UUID, by: datetime) -> int:
    with db.transaction(tenant=tenant) as tx:
        taken, facts = queries.take_reminders(tx, by=by, limit=REMINDERS)
        outbox.publish_all(tx, [(fact, str(fact.subscription_id)) for fact in facts])
    return taken
