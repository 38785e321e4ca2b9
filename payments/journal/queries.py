"""One call of the posting function, and the look-up of what a key posted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row

from kernel.db import Tx
from payments.chart import JournalIn
from payments.journal.rules import fingerprint, meta_text

_ARGUMENTS = """%s::uuid[], %s::text[], %s::bytea[], %s::text[], %s::text[], %s::uuid[], %s::uuid[], %s::timestamptz[],
    %s::text[], %s::text[], %s::integer[], %s::bigint[], %s::numeric[], %s::numeric[], %s::uuid[]"""
_POST = f"SELECT item, status, journal_id FROM payments.post_batch(%s::boolean, {_ARGUMENTS}) ORDER BY item"
# The tenant is set before the function runs, because its first argument waits for it, and for this statement only.
_POST_ALONE = f"""
WITH tenant AS MATERIALIZED (SELECT set_config('app.tenant', %s, true) AS id)
SELECT item, status, journal_id FROM tenant, payments.post_batch(tenant.id <> '' AND %s::boolean, {_ARGUMENTS}) ORDER BY item"""

# Materialized: the posting runs once, whatever the planner thinks of the join; `told` runs because it is asked for.
_POST_TOLD = f"""
WITH tenant AS MATERIALIZED (SELECT set_config('app.tenant', %s, true) AS id),
     posted AS MATERIALIZED (SELECT item, status, journal_id
                               FROM tenant, payments.post_batch(tenant.id <> '' AND %s::boolean, {_ARGUMENTS})),
     told AS MATERIALIZED (SELECT identity.audit_write(array_agg(p.journal_id), array_agg(e.entry)) AS n
                             FROM posted p JOIN unnest(%s::jsonb[]) WITH ORDINALITY AS e (entry, item) ON e.item = p.item
                            WHERE p.status = 'ok' AND e.entry IS NOT NULL)
SELECT item, status, journal_id, (SELECT n FROM told) AS told FROM posted ORDER BY item"""


def post_batch(tx: Tx, journals: Sequence[JournalIn], *, atomic: bool) -> list[Row[Any]]:
    """One row per journal, in their order: item, status, journal_id."""
    return list(tx.connection.exec_driver_sql(_POST, (atomic, *_arguments(journals))).all())


def post_batch_alone(
    connection: Connection, journals: Sequence[JournalIn], *, tenant: UUID, atomic: bool
) -> list[Row[Any]]:
    """The same as a transaction of its own, in one round trip; entries of the audit are written with what is new."""
    arguments = (str(tenant), atomic, *_arguments(journals))
    if all(journal.entry is None for journal in journals):
        return list(connection.exec_driver_sql(_POST_ALONE, arguments).all())
    entries = _array(_quoted(j.entry.text()) if j.entry else None for j in journals)
    return list(connection.exec_driver_sql(_POST_TOLD, (*arguments, entries)).all())


def _arguments(journals: Sequence[JournalIn]) -> Iterator[str]:
    lines = [(item, line) for item, journal in enumerate(journals, start=1) for line in journal.lines]
    columns: tuple[Iterable[str | None], ...] = (
        (str(j.principal) for j in journals),
        (_quoted(j.key) for j in journals),
        (f'"\\\\x{fingerprint(j).hex()}"' for j in journals),
        (_quoted(j.realm) for j in journals),
        (_quoted(j.kind) for j in journals),
        (_text(j.order_id) for j in journals),
        (_text(j.reverses) for j in journals),
        (_quoted(j.effective_at.isoformat()) if j.effective_at else None for j in journals),
        (_quoted(j.actor) if j.actor else None for j in journals),
        (_quoted(meta_text(j.meta)) for j in journals),
        (str(item) for item, _ in lines),
        (str(line.account_id) for _, line in lines),
        (str(line.amount) for _, line in lines),
        (str(line.held_delta) for _, line in lines),
        (_text(line.hold_id) for _, line in lines),
    )
    return map(_array, columns)


def _array(items: Iterable[str | None]) -> str:
    """An array as Postgres reads it. Fifteen of them travel with each posting; adapting lists would cost several times as much."""
    return "{" + ",".join(item or "NULL" for item in items) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _text(id_: UUID | None) -> str | None:
    return str(id_) if id_ else None


def find(tx: Tx, *, principal: UUID, key: str) -> UUID | None:
    return tx.scalar(  # type: ignore[no-any-return]
        """SELECT journal_id FROM payments.journal_keys
            WHERE tenant_id = CAST(:tenant AS uuid) AND principal_id = :principal AND key = :key""",
        tenant=tx.tenant, principal=principal, key=key,
    )  # fmt: skip
