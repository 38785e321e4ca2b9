"""A customer's rates: those agreed with this customer, else those of the tier that the last 30 days reach.

Orders ask for them before their transaction opens, so they are remembered for a moment per process; an order keeps what it agreed to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from broker.fees import errors, queries, rules
from broker.fees.rules import DEFAULT_TIERS, Rates, Tier
from identity.audit import service as audit
from identity.principals import service as principals
from kernel import clock, commands, db
from kernel.db import AnyRow, Tx
from kernel.errors import InvalidRequest
from kernel.ids import uuid7

__all__ = ["DEFAULT_TIERS", "Rates", "Standing", "Tier", "agree", "forget", "of_customer", "publish_tiers", "rates_of"]

REPORTING = "USDT"
FRESH_FOR_S = 1.0
_MOST_REMEMBERED = 20_000
_remembered: dict[tuple[UUID, UUID], tuple[float, Rates]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a customer stands. `agreed` is the end of an agreement (or True without one), None where the tier decides."""

    rates: Rates
    tier: Tier
    next_tier: Tier | None
    volume: Decimal
    tiers: Sequence[Tier]
    agreed: bool
    agreed_until: datetime | None
    as_of: datetime


def standing(tx: Tx, customer: UUID) -> Standing:
    """Volume, tier and rates of a customer now."""
    tiers = queries.tiers_in_force(tx) or DEFAULT_TIERS
    volume = queries.volume(tx, customer=customer)
    tier = rules.tier_of(tiers, volume)
    own = queries.override_in_force(tx, customer=customer)
    return Standing(
        rates=tier.rates if own is None else Rates(own.maker, own.taker),
        tier=tier,
        next_tier=rules.tier_after(tiers, tier),
        volume=volume,
        tiers=tiers,
        agreed=own is not None,
        agreed_until=None if own is None else own.valid_until,
        as_of=tx.now,
    )


def of_customer(tenant: UUID, customer: UUID) -> Standing:
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        return standing(tx, customer)


def rates_of(tenant: UUID, customer: UUID) -> Rates:
    """The rates of a new order, at most a second old. Opens its own transaction."""
    key, now = (tenant, customer), clock.monotonic()
    known = _remembered.get(key)
    if known is not None and now - known[0] < FRESH_FOR_S:
        return known[1]
    rates = of_customer(tenant, customer).rates
    if len(_remembered) >= _MOST_REMEMBERED:
        _remembered.clear()
    _remembered[key] = (now, rates)
    return rates


def forget() -> None:
    """Ask the database again at the next question."""
    _remembered.clear()


def publish_tiers(
    *, tenant: UUID, actor: UUID, tiers: Sequence[Tier], valid_from: datetime | None, reason: str, key: str | None
) -> commands.Outcome:
    """A new table for all customers of the tenant, from now or from a later moment on.

    Raises:
        TiersDoNotFit: the tiers make no table.
        ValidInThePast: it would have begun already.
    """
    fault = rules.faults(tiers)
    if fault is not None:
        raise errors.TiersDoNotFit(fault)

    def use_case(tx: Tx) -> tuple[str, UUID]:
        schedule_id = uuid7()
        start = _start(tx, valid_from)
        queries.insert_schedule(tx, schedule_id=schedule_id, valid_from=start, reason=reason, actor=actor)
        queries.insert_tiers(tx, schedule_id=schedule_id, tiers=tiers)
        audit.about(tx, after={"tiers": said, "from": start}, reason=reason)
        tx.after_commit(forget)
        return "fee_schedule", schedule_id

    said = [(t.tier, str(t.min_volume), str(t.rates.maker), str(t.rates.taker)) for t in tiers]
    body = {"tiers": said, "from": valid_from, "reason": reason}
    return commands.run(
        tenant=tenant, principal=actor, route="POST /v1/fees/schedules", key=key, fingerprint=commands.fingerprint(body),
        fn=use_case,
    )  # fmt: skip


def agree(
    *, tenant: UUID, actor: UUID, customer: UUID, rates: Rates | None, valid_from: datetime | None,
    valid_until: datetime | None, reason: str, key: str | None,
) -> commands.Outcome:  # fmt: skip
    """Rates of one customer from a moment on; without rates the tiers hold again from then on.

    Raises:
        TiersDoNotFit: the rates are not in order.
        ValidInThePast: it would have begun already.
        CustomerUnknown: the tenant has no such customer.
        InvalidRequest: it would end before it begins.
    """
    if rates is not None and not rules.ZERO <= rates.maker <= rates.taker <= rules.DEAREST:
        raise errors.TiersDoNotFit(f"0 <= maker <= taker <= {rules.DEAREST}")

    def use_case(tx: Tx) -> tuple[str, UUID]:
        if principals.find_customer(tx, customer) is None:
            raise errors.CustomerUnknown
        start = _start(tx, valid_from)
        if valid_until is not None and valid_until <= start:
            raise InvalidRequest("valid_until must lie after valid_from")
        row: dict[str, Any] = {
            "id": uuid7(), "customer_id": customer, "maker": rates and rates.maker, "taker": rates and rates.taker,
            "valid_from": start, "valid_until": valid_until, "reason": reason, "created_by": actor,
        }  # fmt: skip
        queries.insert_override(tx, row)
        audit.about(tx, after=row, customer=customer, maker=row["maker"], taker=row["taker"], reason=reason)
        tx.after_commit(forget)
        return "fee_override", row["id"]

    body = {
        "customer": customer, "rates": rates and [str(rates.maker), str(rates.taker)], "from": valid_from, "until": valid_until,
        "reason": reason,
    }  # fmt: skip
    return commands.run(
        tenant=tenant, principal=actor, route="POST /v1/fees/overrides", key=key, fingerprint=commands.fingerprint(body),
        fn=use_case,
    )  # fmt: skip


def _start(tx: Tx, wanted: datetime | None) -> datetime:
    if wanted is not None and wanted < tx.now:
        raise errors.ValidInThePast
    return wanted or tx.now


def schedules(tenant: UUID, *, limit: int = 50) -> list[AnyRow]:
    with db.read_only(tenant=tenant) as tx:
        return queries.schedules(tx, limit=limit)


def schedule(tenant: UUID, schedule_id: UUID) -> AnyRow:
    with db.read_only(tenant=tenant) as tx:
        return queries.schedule(tx, schedule_id)


def overrides(tenant: UUID, *, customer: UUID | None, before: UUID | None, limit: int) -> list[AnyRow]:
    with db.read_only(tenant=tenant) as tx:
        return queries.overrides(tx, customer=customer, before=before, limit=limit)


def override(tenant: UUID, override_id: UUID) -> AnyRow:
    with db.read_only(tenant=tenant) as tx:
        return queries.override(tx, override_id)
