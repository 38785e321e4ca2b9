"""One call of the posting function, and the look-up of what a key posted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from kernel.db import Tx
from kernel.money import canonical
from payments.chart import JournalIn
from payments.journal.rules import fingerprint

_POST = """
SELECT item, status, journal_id FROM payments.post_batch(
    :atomic, CAST(:principals AS uuid[]), CAST(:keys AS text[]), CAST(:fps AS bytea[]), CAST(:realms AS text[]), CAST(:kinds AS text[]),
    CAST(:orders AS uuid[]), CAST(:reverses AS uuid[]), CAST(:effective AS timestamptz[]), CAST(:actors AS text[]), CAST(:metas AS text[]),
    CAST(:items AS integer[]), CAST(:accounts AS bigint[]), CAST(:amounts AS numeric[]), CAST(:held AS numeric[]), CAST(:holds AS uuid[]))
ORDER BY item"""


def post_batch(tx: Tx, journals: Sequence[JournalIn], *, atomic: bool) -> list[Row[Any]]:
    """One row per journal, in their order: item, status, journal_id."""
    lines = [(item, line) for item, journal in enumerate(journals, start=1) for line in journal.lines]
    return tx.all(
        _POST,
        atomic=atomic,
        principals=[j.principal for j in journals],
        keys=[j.key for j in journals],
        fps=[fingerprint(j) for j in journals],
        realms=[j.realm for j in journals],
        kinds=[j.kind for j in journals],
        orders=[j.order_id for j in journals],
        reverses=[j.reverses for j in journals],
        effective=[j.effective_at for j in journals],
        actors=[j.actor for j in journals],
        metas=[json.dumps(j.meta or {}, default=_plain) for j in journals],
        items=[item for item, _ in lines],
        accounts=[line.account_id for _, line in lines],
        amounts=[line.amount for _, line in lines],
        held=[line.held_delta for _, line in lines],
        holds=[line.hold_id for _, line in lines],
    )


def find(tx: Tx, *, principal: UUID, key: str) -> UUID | None:
    return tx.scalar(  # type: ignore[no-any-return]
        """SELECT journal_id FROM payments.journal_keys
            WHERE tenant_id = CAST(:tenant AS uuid) AND principal_id = :principal AND key = :key""",
        tenant=tx.tenant, principal=principal, key=key,
    )  # fmt: skip


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return canonical(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    assert isinstance(value, UUID), f"a journal's meta cannot hold {value!r}"
    return str(value)
