"""What happens to a subscription at its maturity, if its customer wants it to go on."""

from __future__ import annotations

from uuid import UUID

from earn.instances import service as instances
from earn.instances.rules import business_date
from earn.plans.errors import AlreadyMatured
from earn.renewals import queries, rules
from earn.subscriptions import queries as subscriptions
from earn.subscriptions.errors import SubscriptionEnded, SubscriptionNotFound
from earn.subscriptions.service import Caller
from earn.subscriptions.states import SubscriptionStatus
from earn.templates.states import Renewal
from identity.audit import service as audit
from kernel import commands
from kernel.db import Tx


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
        terms = instances.known(tx, {found.instance_id})[found.instance_id].terms
        queries.choose(tx, found.id, rules.chosen(wanted, terms.renewals))
        audit.about(tx, before={"renewal": found.renewal.value}, after={"renewal": wanted.value})
        return "subscription", found.id

    print_ = commands.fingerprint({"id": str(subscription_id), "renewal": wanted.value})
    commands.run(
        tenant=caller.tenant, principal=caller.id, route="PUT /v1/earn/subscriptions/{id}/renewal", key=caller.key,
        fingerprint=print_, fn=fn,
    )  # fmt: skip
