"""Use cases of webhooks: make, list, remove; what an attempt sends, and what became of it; replay.

Each delivery is one call under the event's id. A receiver that is asked twice can tell, so what is unknown is asked again, in business
time, for more than a day; then the call ends and its owner is told.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from identity import service as identity
from identity.audit import service as audit
from identity.security.factors import require_settled
from identity.sessions.errors import SecretNotRepeatable
from kernel import commands, crypto, outbox
from kernel.calls import service as calls
from kernel.db import Tx, read_only, transaction
from kernel.errors import NotFound
from kernel.events import encode
from kernel.ids import uuid7
from kernel.settings import settings
from notices.service import Wish, tell
from notices.states import Kind
from notices.webhooks import queries, rules
from notices.webhooks.errors import DeliveryPending, TooManyWebhooks, WebhookUrlRefused
from notices.webhooks.events import WebhookTested
from notices.webhooks.queries import DeliveryRow, WebhookRow
from notices.webhooks.states import EventKind

MOST = 10
KIND = "webhook"
LANES = "webhook:"
KEPT = timedelta(days=30)
_TABLE = "notices.webhooks"
_AT_ONCE, _DELETE_AT_ONCE = 1_000, 5_000


@dataclass(frozen=True, slots=True)
class News:
    """A fact that somebody may have asked to be told of."""

    event_id: UUID
    principal: UUID
    kind: EventKind
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one attempt sends; the secret signs it and is told to nobody."""

    url: str
    secret: str
    event_id: UUID
    body: bytes

    def __repr__(self) -> str:
        return f"Parcel(event_id={self.event_id})"


class AccountShut(Exception):
    """Whoever the webhook belongs to may not come in: a thief who made it is told nothing more either."""


def allowed_targets() -> frozenset[str]:
    """What of our own side a sandbox may send to; nothing in production, whatever is set."""
    given = settings()
    return given.private_webhook_targets if given.sandbox else frozenset()


def create(
    *, tenant: UUID, principal: UUID, url: str, kinds: Sequence[EventKind], key: str | None
) -> tuple[WebhookRow, str]:
    """A new webhook and its secret, which is shown once.

    Raises:
        WebhookUrlRefused: nothing is sent there.
        TooManyWebhooks: one more than a customer may have.
        CoolingDown: the password or a second factor was changed within a day.
        SecretNotRepeatable, IdempotencyConflict: this Idempotency-Key was used before.
    """
    try:
        rules.read_url(url, plain=settings().sandbox, allowed=allowed_targets())
    except rules.UrlRefused as error:
        raise WebhookUrlRefused(str(error)) from None
    webhook_id, secret = uuid7(), "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    sealed = crypto.seal(secret.encode(), tenant=tenant, table=_TABLE, row=webhook_id)
    wanted = tuple(sorted(set(kinds)))

    def insert(tx: Tx) -> tuple[str, UUID]:
        require_settled(tx, principal)
        queries.lock_owner(tx, principal)
        if queries.count(tx, principal) >= MOST:
            raise TooManyWebhooks
        queries.insert(tx, WebhookRow(webhook_id, principal, url, wanted, tx.now), sealed_secret=sealed)
        return "webhook", webhook_id

    outcome = commands.run(
        tenant=tenant,
        principal=principal,
        route="POST /v1/webhooks",
        key=key,
        fingerprint=commands.fingerprint({"url": url, "kinds": wanted}),
        fn=insert,
    )
    if outcome.replayed:
        raise SecretNotRepeatable
    return read(tenant=tenant, principal=principal, webhook_id=webhook_id), secret


def read(*, tenant: UUID, principal: UUID, webhook_id: UUID) -> WebhookRow:
    """One of somebody's webhooks.

    Raises:
        NotFound: there is none, or it is not theirs.
    """
    with read_only(tenant=tenant) as tx:
        return _own(tx, principal, webhook_id)


def _own(tx: Tx, principal: UUID, webhook_id: UUID) -> WebhookRow:
    found = queries.find(tx, principal, webhook_id)
    if found is None:
        raise NotFound
    return found


def list_webhooks(*, tenant: UUID, principal: UUID) -> list[WebhookRow]:
    with read_only(tenant=tenant) as tx:
        return queries.every(tx, principal)


def remove(*, tenant: UUID, principal: UUID, webhook_id: UUID) -> None:
    """Nothing more is sent there, what waits included.

    Raises:
        NotFound: there is none, or it is not theirs.
    """
    with transaction(tenant=tenant) as tx:
        if not queries.delete(tx, principal, webhook_id):
            raise NotFound
        audit.record(tx, "webhook.removed", kind="webhook", resource=webhook_id)


def list_deliveries(
    *, tenant: UUID, principal: UUID, webhook_id: UUID, before: UUID | None, limit: int
) -> list[DeliveryRow]:
    """The newest first.

    Raises:
        NotFound: no such webhook of theirs.
    """
    with read_only(tenant=tenant) as tx:
        _own(tx, principal, webhook_id)
        return queries.deliveries(tx, webhook_id, before=before, limit=limit)


def replay(*, tenant: UUID, principal: UUID, webhook_id: UUID, delivery_id: UUID, key: str | None) -> DeliveryRow:
    """Send it once more, under the same id.

    Raises:
        NotFound: no such delivery of theirs.
        DeliveryPending: it is still being tried.
        IdempotencyConflict: this Idempotency-Key was used for something else.
    """

    def again(tx: Tx) -> tuple[str, UUID]:
        _own(tx, principal, webhook_id)
        if queries.delivery(tx, webhook_id, delivery_id) is None:
            raise NotFound
        round_ = queries.begin_again(tx, delivery_id)
        if round_ is None:
            raise DeliveryPending
        _call(tx, webhook_id, delivery_id, round_=round_)
        return "webhook_delivery", delivery_id

    commands.run(
        tenant=tenant,
        principal=principal,
        route="POST /v1/webhooks/{id}/deliveries/{delivery_id}/replay",
        key=key,
        fingerprint=commands.fingerprint({"delivery": delivery_id}),
        fn=again,
    )
    with read_only(tenant=tenant) as tx:
        found = queries.delivery(tx, webhook_id, delivery_id)
    if found is None:
        raise NotFound
    return found


def test(*, tenant: UUID, principal: UUID, webhook_id: UUID, key: str | None) -> UUID:
    """Send a fact that says nothing, as a real one is sent; answers its id, the `webhook-id` that the receiver will see.

    Raises:
        NotFound: no such webhook of theirs.
        DeliveryPending: the last test is still being tried.
        IdempotencyConflict: this Idempotency-Key was used for something else.
    """

    def ask(tx: Tx) -> tuple[str, UUID]:
        _own(tx, principal, webhook_id)
        if queries.is_pending(tx, webhook_id, EventKind.WEBHOOK_TESTED):
            raise DeliveryPending
        return "webhook_test", outbox.publish(tx, WebhookTested(principal, webhook_id, tx.now), key=str(webhook_id))

    outcome = commands.run(
        tenant=tenant,
        principal=principal,
        route="POST /v1/webhooks/{id}/test",
        key=key,
        fingerprint=commands.fingerprint({"webhook": webhook_id}),
        fn=ask,
    )
    return outcome.id


def deliver_test(tx: Tx, event_id: UUID, tested: WebhookTested) -> None:
    """Unless it was removed meanwhile. Step of the engine."""
    webhook = queries.find(tx, tested.principal_id, tested.webhook_id)
    if webhook is not None:
        _deliver(tx, webhook.id, News(event_id, webhook.principal_id, EventKind.WEBHOOK_TESTED, encode(tested)))


def spread(tx: Tx, news: Sequence[News]) -> None:
    """Ask for a delivery to each webhook that wants one of these facts. Step of the engine."""
    webhooks = queries.of_principals(tx, list({item.principal for item in news}))
    for webhook in webhooks:
        for item in news:
            if item.principal == webhook.principal_id and item.kind in webhook.kinds:
                _deliver(tx, webhook.id, item)


def _deliver(tx: Tx, webhook_id: UUID, item: News) -> None:
    delivery_id = uuid7()
    if queries.insert_delivery(
        tx,
        delivery_id=delivery_id,
        webhook_id=webhook_id,
        event_id=item.event_id,
        kind=item.kind,
        data=dict(item.data),
    ):
        _call(tx, webhook_id, delivery_id, round_=0)


def _call(tx: Tx, webhook_id: UUID, delivery_id: UUID, *, round_: int) -> None:
    call_id = calls.request(
        tx,
        lane=f"{LANES}{webhook_id}",
        kind=KIND,
        ref=f"{delivery_id}/{round_}",
        payload={"delivery_id": str(delivery_id), "round": round_},
    )
    queries.name_call(tx, delivery_id, call_id)


def due(*, tenant: UUID, delivery_id: UUID, round_: int) -> bool:
    """Whether its time has come; also true where there is nothing to wait for any more."""
    with read_only(tenant=tenant) as tx:
        found = queries.job(tx, delivery_id, round_=round_)
        return found is None or found.delivery.next_attempt_at is None or found.delivery.next_attempt_at <= tx.now


def prepare(*, tenant: UUID, delivery_id: UUID, round_: int) -> Parcel | None:
    """What to send; None when the webhook is gone or this round is over.

    Raises:
        AccountShut: at present.
    """
    with read_only(tenant=tenant) as tx:
        found = queries.job(tx, delivery_id, round_=round_)
        owner = None if found is None else identity.find_principal(tx, found.principal_id)
    if found is None:
        return None
    if owner is None or not owner.active:
        raise AccountShut
    told = found.delivery
    secret = crypto.unseal(found.sealed_secret, tenant=tenant, table=_TABLE, row=told.webhook_id).decode()
    body = {"type": told.kind.value, "timestamp": told.created_at.isoformat(), "data": told.data}
    return Parcel(found.url, secret, told.event_id, json.dumps(body, separators=(",", ":"), sort_keys=True).encode())


def note_failure(*, tenant: UUID, delivery_id: UUID, round_: int, status: int | None, error: str) -> bool:
    """Count a fruitless attempt; True when it was the last."""
    with transaction(tenant=tenant) as tx:
        found = queries.job(tx, delivery_id, round_=round_)
        if found is None:
            return False
        attempts = found.delivery.attempts + 1
        pause = rules.pause_after(attempts)
        queries.note_failure(
            tx,
            delivery_id,
            attempts=attempts,
            status=status,
            error=error[:200],
            next_attempt_at=None if pause is None else tx.now + pause,
        )
    return pause is None


def delivered(tx: Tx, delivery_id: UUID, *, round_: int, status: int) -> None:
    queries.deliver(tx, delivery_id, round_=round_, status=status)


def given_up(tx: Tx, delivery_id: UUID, *, round_: int) -> None:
    """Tell the owner, once a day at most for each webhook. Step."""
    row = queries.give_up(tx, delivery_id, round_=round_)
    if row is None:
        return
    host = urlsplit(row.url).hostname or "?"  # the rest of an address may be a secret of its owner
    once = f"{row.webhook_id}:{_day(tx.now)}"
    wish = Wish(
        principal=row.principal_id, kind=Kind.WEBHOOK_GIVEN_UP, params={"host": host, "event": row.kind}, once=once
    )
    tell(tx, [wish])


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def ask_due() -> int:
    """Have the lanes try again what is due in business time; returns how many calls are due. Only the engine may."""
    with transaction() as tx:
        found = queries.due_calls(tx, limit=_AT_ONCE)
        calls.ask_now(tx, found)
    return len(found)


def forget_old() -> None:
    """Delete finished deliveries after a month of business time. Only the engine may."""
    deleted = _DELETE_AT_ONCE
    while deleted == _DELETE_AT_ONCE:
        with transaction() as tx:
            deleted = queries.delete_old(tx, before=tx.now - KEPT, limit=_DELETE_AT_ONCE)
