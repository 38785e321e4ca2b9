"""While the market cannot be believed, two people may enter a price with evidence of two venues, or say that the freeze may last.

Either is bounded in time and counts from the moment the second person agrees. The market comes first: as soon as its own price can be
believed again, what was entered is not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from identity.approvals import service as approvals
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.permissions import Permission
from kernel import commands, db
from kernel.commands import Outcome
from kernel.db import AnyRow, Tx
from kernel.errors import NotFound
from kernel.ids import uuid7
from kernel.money import canonical
from lending.products.terms import FEWEST_VENUES
from lending.watch import queries
from lending.watch.errors import EntryUnfit
from lending.watch.states import ENTRY, EntryState
from markets.instruments import service as instruments

KIND = "lending.entered_price"
_ASKED_FOR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Witness:
    """What one venue showed."""

    venue: str
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Without a price the freeze of this market is prolonged."""

    asset: str
    quote: str
    price: Decimal | None
    venues: Sequence[Witness]
    minutes: int
    reason: str


def propose(*, tenant: UUID, actor: UUID, wish: Wish, key: str | None) -> Outcome:
    """Ask a second person.

    Raises:
        EntryUnfit: no such market, or a price that two venues do not show.
    """
    _check(wish)
    evidence = {
        "venues": [{"venue": one.venue, "price": canonical(one.price)} for one in wish.venues],
        "minutes": wish.minutes,
        "reason": wish.reason,
    }
    body = {"asset": wish.asset, "quote": wish.quote, "price": wish.price, **evidence}

    def fn(tx: Tx) -> tuple[str, UUID]:
        entry_id = uuid7()
        queries.insert_entry(
            tx,
            entry_id,
            asset=wish.asset,
            quote=wish.quote,
            price=wish.price,
            evidence=evidence,
            until=tx.now + timedelta(minutes=wish.minutes),
            by=actor,
        )
        made = queries.entry(tx, entry_id)
        assert made is not None, "it was inserted in this transaction"
        approvals.request(
            tx, _subject(made), maker=actor, permission=Permission.LENDING_DECIDE, read_permission=Permission.LENDING_READ,
            expires_in=_ASKED_FOR,
        )  # fmt: skip
        audit.about(tx, after=_subject(made).summary)
        return "entered_price", entry_id

    return commands.run(
        tenant=tenant, principal=actor, route="POST /v1/lending/entered-prices", key=key,
        fingerprint=commands.fingerprint(body), fn=fn,
    )  # fmt: skip


def _check(wish: Wish) -> None:
    known = {(one.base, one.quote) for one in instruments.list_markets()}
    if (wish.asset, wish.quote) not in known:
        raise EntryUnfit("there is no such market")
    if wish.price is None:
        return
    seen = [one.price for one in wish.venues]
    if len({one.venue for one in wish.venues}) < FEWEST_VENUES or len(seen) != len({one.venue for one in wish.venues}):
        raise EntryUnfit("a price needs what two different venues show, each once")
    if wish.price <= 0 or not min(seen) <= wish.price <= max(seen):
        raise EntryUnfit("the price must lie between what the venues show")


def _subject(row: AnyRow) -> Subject:
    summary: dict[str, Any] = {
        "asset": row.asset,
        "quote": row.quote,
        "price": None if row.price is None else canonical(row.price),
        "venues": [f"{one['venue']} {one['price']}" for one in row.evidence["venues"]],
        "minutes": str(row.evidence["minutes"]),
        "reason": row.evidence["reason"],
    }
    return Subject(kind=KIND, resource_id=row.id, summary=summary)


def carry_out(tx: Tx, *, entry_id: UUID, approval_id: UUID) -> None:
    """A second person agreed: it counts from now on. A step of the engine."""
    row = queries.entry(tx, entry_id, lock=True)
    if row is None or row.status != EntryState.PROPOSED:
        return
    checker = approvals.granted(tx, approval_id, _subject(row))
    if checker is None:
        return
    _move(tx, row, EntryState.STANDING, actor=checker)
    approvals.carried_out(tx, approval_id)


def drop(tx: Tx, *, entry_id: UUID) -> None:
    """Nobody agreed; a step of the engine."""
    row = queries.entry(tx, entry_id, lock=True)
    if row is not None and row.status == EntryState.PROPOSED:
        _move(tx, row, EntryState.REFUSED)


def _move(tx: Tx, row: AnyRow, to: EntryState, *, actor: UUID | None = None) -> None:
    ENTRY.check(EntryState(row.status), to)
    queries.move_entry(tx, row.id, to, until=tx.now + timedelta(minutes=row.evidence["minutes"]))
    audit.record(
        tx, "entered_price.decided", kind="entered_price", resource=row.id, before={"status": row.status},
        after={"status": to.value}, actor=actor, became=to.value,
    )  # fmt: skip


def read(tenant: UUID, entry_id: UUID) -> AnyRow:
    """One of them, whatever became of it.

    Raises:
        NotFound: there is none.
    """
    with db.read_only(tenant=tenant) as tx:
        row = queries.entry(tx, entry_id)
    if row is None:
        raise NotFound
    return row


def page(tenant: UUID, *, before: UUID | None, limit: int) -> Sequence[AnyRow]:
    """Newest first."""
    with db.read_only(tenant=tenant) as tx:
        return queries.entries(tx, before=before, limit=limit)


def frozen(tenant: UUID) -> Sequence[AnyRow]:
    """What cannot be valued right now, longest first."""
    with db.read_only(tenant=tenant) as tx:
        return queries.freezes_of(tx)
