"""One journal with its lines, as finance reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.db import Tx
from payments.errors import JournalNotFound


@dataclass(frozen=True, slots=True)
class JournalLine:
    line: int
    account_id: str
    path: str
    asset: str
    amount: Decimal
    held_delta: Decimal
    hold_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """`key` is what it was posted under: `s/…` by the product itself, `c/…` by a client."""

    id: UUID
    realm: str
    kind: str
    key: str | None
    booked_at: datetime
    effective_at: datetime | None
    actor: str | None
    order_id: UUID | None
    reverses: UUID | None
    reversed_by: UUID | None
    meta: dict[str, Any]
    lines: list[JournalLine]


_HEAD = """
SELECT j.journal_id, j.realm, j.kind, j.booked_at, j.effective_at, j.actor, j.order_id, j.reverses, j.meta,
       (SELECT k.key FROM payments.journal_keys k WHERE k.journal_id = j.journal_id LIMIT 1) AS key,
       (SELECT r.journal_id FROM payments.journals r WHERE r.reverses = j.journal_id LIMIT 1) AS reversed_by
  FROM payments.journals j WHERE j.tenant_id = CAST(:tenant AS uuid) AND j.journal_id = :id"""

_LINES = """
SELECT e.line, CAST(e.account_id AS text) AS account_id, a.path, s.code AS asset, e.amount, e.held_delta, e.hold_id
  FROM payments.entries e JOIN payments.accounts a USING (account_id) JOIN payments.assets s ON s.asset_id = e.asset_id
 WHERE e.tenant_id = CAST(:tenant AS uuid) AND e.journal_id = :id ORDER BY e.line"""


def read(tx: Tx, journal_id: UUID) -> Journal:
    """The whole journal.

    Raises:
        JournalNotFound: there is none in this tenant.
    """
    head = tx.first(_HEAD, tenant=tx.tenant, id=journal_id)
    if head is None:
        raise JournalNotFound
    return Journal(
        id=head.journal_id,
        realm=head.realm,
        kind=head.kind,
        key=head.key,
        booked_at=head.booked_at,
        effective_at=head.effective_at,
        actor=head.actor,
        order_id=head.order_id,
        reverses=head.reverses,
        reversed_by=head.reversed_by,
        meta=head.meta,
        lines=[JournalLine(*row) for row in tx.all(_LINES, tenant=tx.tenant, id=journal_id)],
    )
