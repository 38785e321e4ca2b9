"""One function, one statement on quotes, and on loans as the desk lists and sums them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.arrays import array
from kernel.db import AnyRow, Tx

_STANDING = "('applied', 'active', 'matured_overdue', 'liquidating')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A row of lending.loan_quotes. `expires_at` is business time."""

    id: UUID
    customer_id: UUID
    product_id: UUID
    version: int
    amount: Decimal
    fee: Decimal
    rate: Decimal
    tenor_days: int
    collateral: Mapping[str, Decimal]
    prices: Mapping[str, Any]
    expires_at: datetime
    created_at: datetime
    loan_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a timeline."""

    loan_id: UUID
    seq: int
    kind: str
    payload: Mapping[str, Any]
    journal_id: UUID | None
    at: datetime


def insert_quote(tx: Tx, quote: Mapping[str, Any], *, collateral: Mapping[str, str], prices: Mapping[str, Any]) -> None:
    names = [*quote]
    tx.execute(
        f"""INSERT INTO lending.loan_quotes (tenant_id, collateral, prices, created_at, {", ".join(names)})
            VALUES (:tenant, CAST(:collateral AS jsonb), CAST(:prices AS jsonb), :now, {", ".join(f":{name}" for name in names)})""",
        **quote, tenant=tx.tenant_id, collateral=json.dumps(collateral), prices=json.dumps(prices), now=tx.now,
    )  # fmt: skip


def quote(tx: Tx, quote_id: UUID, *, customer: UUID, lock: bool = False) -> Quote | None:
    row = tx.first(
        f"""SELECT id, customer_id, product_id, version, amount, fee, rate, tenor_days, collateral, prices, expires_at, created_at, loan_id
              FROM lending.loan_quotes WHERE tenant_id = :tenant AND id = :id AND customer_id = :customer {"FOR UPDATE" if lock else ""}""",
        tenant=tx.tenant_id, id=quote_id, customer=customer,
    )  # fmt: skip
    if row is None:
        return None
    known = dict(row._mapping)  # noqa: SLF001  the row's documented view as a mapping
    known["collateral"] = {asset: Decimal(quantity) for asset, quantity in row.collateral.items()}
    return Quote(**known)


def take_quote(tx: Tx, quote_id: UUID, loan_id: UUID) -> None:
    tx.execute("UPDATE lending.loan_quotes SET loan_id = :loan WHERE id = :id", loan=loan_id, id=quote_id)


def forget_quotes(tx: Tx, *, before: datetime, limit: int) -> int:
    """Delete quotes of all tenants that nobody took (the engine's role); how many."""
    rows = tx.all(
        """DELETE FROM lending.loan_quotes WHERE id IN
             (SELECT id FROM lending.loan_quotes WHERE loan_id IS NULL AND created_at < :before LIMIT :limit) RETURNING id""",
        before=before, limit=limit,
    )  # fmt: skip
    return len(rows)


def lock_caps(tx: Tx, names: Iterable[str]) -> None:
    """Whoever is counted against one of these caps waits here for the others, in one order for all, until their transaction ends."""
    for name in sorted(names):
        tx.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))", name=f"lending.caps:{tx.tenant_id}:{name}"
        )


def owed_by(tx: Tx, *, customer: UUID, product: UUID) -> Decimal:
    """Principal of one customer's loans of one product."""
    return Decimal(
        tx.scalar(
            f"""SELECT coalesce(sum(principal), 0) FROM lending.loans
                 WHERE tenant_id = :tenant AND customer_id = :customer AND product_id = :product AND status IN {_STANDING}""",
            tenant=tx.tenant_id, customer=customer, product=product,
        )
    )  # fmt: skip


def pledged(tx: Tx, *, asset: str, product: UUID | None) -> Decimal:
    """How much of an asset secures standing loans: of one product, or of all that lend."""
    return Decimal(
        tx.scalar(
            f"""SELECT coalesce(sum(CASE WHEN l.status = 'applied' THEN CAST(l.origination -> 'collateral' ->> :asset AS numeric)
                                         ELSE c.quantity END), 0)
                  FROM lending.loans l LEFT JOIN lending.loan_collaterals c ON c.loan_id = l.id AND c.asset = :asset
                 WHERE l.tenant_id = :tenant AND l.status IN {_STANDING}
                   AND (CAST(:product AS uuid) IS NULL OR l.product_id = :product)""",
            tenant=tx.tenant_id, asset=asset, product=product,
        )
    )  # fmt: skip


def page(
    tx: Tx, *, customer: UUID | None, statuses: Sequence[str] | None, before: UUID | None, limit: int
) -> list[UUID]:
    """Ids of loans, newest first."""
    rows = tx.all(
        """SELECT id FROM lending.loans
            WHERE tenant_id = :tenant AND (CAST(:customer AS uuid) IS NULL OR customer_id = :customer)
              AND (CAST(:statuses AS text[]) IS NULL OR status = ANY(CAST(:statuses AS text[])))
              AND (CAST(:before AS uuid) IS NULL OR id < :before)
            ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant_id, customer=customer, statuses=statuses, before=before, limit=limit,
    )  # fmt: skip
    return [row.id for row in rows]


def timeline(tx: Tx, loan_ids: Sequence[UUID], *, all_of_it: bool, limit: int) -> list[Entry]:
    """The newest entries of each loan, oldest first; all of them, or those the customer reads.

    The customer's are counted by themselves: a number left out would tell of an entry that is kept from them.
    """
    rows: Sequence[AnyRow] = tx.all(
        """SELECT loan_id, CASE WHEN :all_of_it THEN seq ELSE place END AS seq, kind, payload, journal_id, at FROM (
               SELECT e.*, row_number() OVER (PARTITION BY loan_id ORDER BY seq DESC) AS age,
                      row_number() OVER (PARTITION BY loan_id ORDER BY seq) AS place
                 FROM lending.loan_events e
                WHERE loan_id = ANY(CAST(:loans AS uuid[])) AND (shown OR :all_of_it)) newest
            WHERE age <= :limit ORDER BY loan_id, seq""",
        loans=array(loan_ids), all_of_it=all_of_it, limit=limit,
    )  # fmt: skip
    return [Entry(**row._mapping) for row in rows]  # noqa: SLF001  the row's documented view as a mapping


def liquidation_owed(tx: Tx, loan_id: UUID) -> Mapping[str, str] | None:
    """The debt that a running sale is to pay, by its parts: interest stopped when it was decided."""
    row = tx.first(
        "SELECT owed FROM lending.liquidations WHERE loan_id = :loan AND status NOT IN ('done', 'shortfall')",
        loan=loan_id,
    )
    return None if row is None else row.owed
