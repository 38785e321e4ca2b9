"""Statements on lists and results; the tenant stands in each WHERE beside row-level security."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from identity.screening.rules import Entry, Hit
from identity.screening.states import SCREENING, ScreeningState
from kernel import arrays
from kernel.db import AnyRow, Tx


@dataclass(frozen=True, slots=True)
class ListRow:
    id: UUID
    name: str
    version: str


def current(tx: Tx) -> list[ListRow]:
    rows = tx.all(
        "SELECT id, name, version FROM identity.screening_lists WHERE tenant_id = :tenant AND current ORDER BY name",
        tenant=tx.tenant_id,
    )
    return [ListRow(row.id, row.name, row.version) for row in rows]


def is_current(tx: Tx, name: str, sha256: bytes) -> bool:
    found = tx.scalar(
        "SELECT true FROM identity.screening_lists"
        " WHERE tenant_id = :tenant AND name = :name AND current AND sha256 = :sha256",
        tenant=tx.tenant_id,
        name=name,
        sha256=sha256,
    )
    return found is not None


def retire(tx: Tx, name: str) -> str | None:
    """The version that was current until now."""
    return tx.scalar(  # type: ignore[no-any-return]
        "UPDATE identity.screening_lists SET current = false WHERE tenant_id = :tenant AND name = :name AND current"
        " RETURNING version",
        tenant=tx.tenant_id,
        name=name,
    )


def insert_list(tx: Tx, *, list_id: UUID, name: str, version: str, sha256: bytes, entries: int) -> None:
    tx.execute(
        "INSERT INTO identity.screening_lists (tenant_id, id, name, version, sha256, entries, current, imported_at)"
        " VALUES (:tenant, :id, :name, :version, :sha256, :entries, true, :now)",
        tenant=tx.tenant_id,
        id=list_id,
        name=name,
        version=version,
        sha256=sha256,
        entries=entries,
        now=tx.now,
    )


def insert_entries(tx: Tx, list_id: UUID, entries: Iterable[Entry]) -> None:
    rows = [{"ref": e.ref, "names": list(e.names), "born": e.born, "note": e.note} for e in entries]
    tx.execute(
        """INSERT INTO identity.screening_entries (tenant_id, list_id, ref, names, born, note)
           SELECT :tenant, :list, n.ref, n.names, n.born, n.note
             FROM json_to_recordset(CAST(:rows AS json)) AS n (ref text, names text[], born smallint, note text)""",
        tenant=tx.tenant_id,
        list=list_id,
        rows=json.dumps(rows),
    )


def entries(tx: Tx, list_id: UUID) -> list[Entry]:
    rows = tx.all(
        "SELECT ref, names, born, note FROM identity.screening_entries WHERE tenant_id = :tenant AND list_id = :list",
        tenant=tx.tenant_id,
        list=list_id,
    )
    return [Entry(row.ref, tuple(row.names), row.born, row.note) for row in rows]


def names_any(tx: Tx, names: Iterable[str]) -> bool:
    """Whether an entry of a current list has one of these names, letter by letter."""
    found = tx.scalar(
        """SELECT true FROM identity.screening_entries e JOIN identity.screening_lists l ON l.id = e.list_id
            WHERE e.tenant_id = :tenant AND l.tenant_id = :tenant AND l.current
              AND e.names && CAST(:names AS text[]) LIMIT 1""",
        tenant=tx.tenant_id,
        names=arrays.texts(sorted(names)),
    )
    return found is not None


def supersede(tx: Tx, customer: UUID) -> None:
    tx.execute(
        "UPDATE identity.screenings SET state = 'superseded'"
        " WHERE tenant_id = :tenant AND customer_id = :customer AND state = 'review'",
        tenant=tx.tenant_id,
        customer=customer,
    )


def insert(
    tx: Tx, *, screening_id: UUID, customer: UUID, state: ScreeningState, lists: Sequence[ListRow], hits: Sequence[Hit]
) -> None:
    tx.execute(
        "INSERT INTO identity.screenings (tenant_id, id, customer_id, state, lists, hits, screened_at)"
        " VALUES (:tenant, :id, :customer, :state, CAST(:lists AS jsonb), CAST(:hits AS jsonb), :now)",
        tenant=tx.tenant_id,
        id=screening_id,
        customer=customer,
        state=state.value,
        lists=json.dumps([{"name": one.name, "version": one.version} for one in lists]),
        hits=json.dumps([asdict(hit) for hit in hits]),
        now=tx.now,
    )


def told_apart(tx: Tx, customer: UUID) -> set[tuple[str, str]]:
    """(list, ref) of whom a person has said that it is not this customer."""
    rows = tx.all(
        """SELECT h.list, h.ref FROM identity.screenings s, jsonb_to_recordset(s.hits) AS h (list text, ref text)
            WHERE s.tenant_id = :tenant AND s.customer_id = :customer AND s.state = 'cleared'""",
        tenant=tx.tenant_id,
        customer=customer,
    )
    return {(row.list, row.ref) for row in rows}


_COLUMNS = "id, customer_id, state, lists, hits, screened_at, decided_by, decided_at, reason"


def get(tx: Tx, screening_id: UUID, *, lock: bool = False) -> AnyRow | None:
    return tx.first(
        f"SELECT {_COLUMNS} FROM identity.screenings WHERE tenant_id = :tenant AND id = :id"
        + (" FOR NO KEY UPDATE" if lock else ""),
        tenant=tx.tenant_id,
        id=screening_id,
    )


def latest(tx: Tx, customer: UUID) -> AnyRow | None:
    return tx.first(
        f"SELECT {_COLUMNS} FROM identity.screenings WHERE tenant_id = :tenant AND customer_id = :customer"
        " AND state <> 'superseded' ORDER BY id DESC LIMIT 1",
        tenant=tx.tenant_id,
        customer=customer,
    )


def decide(tx: Tx, screening_id: UUID, to: ScreeningState, *, by: UUID, reason: str) -> bool:
    row = tx.first(
        "UPDATE identity.screenings SET state = :to, decided_by = :by, decided_at = :now, reason = :reason"
        " WHERE tenant_id = :tenant AND id = :id AND state = ANY (CAST(:sources AS text[])) RETURNING true",
        tenant=tx.tenant_id,
        id=screening_id,
        to=to.value,
        by=by,
        reason=reason,
        now=tx.now,
        sources=arrays.array(SCREENING.sources(to)),
    )
    return row is not None


def page(tx: Tx, *, state: ScreeningState | None, before: UUID | None, limit: int) -> list[AnyRow]:
    given: dict[str, Any] = {"state": state and state.value, "before": before}
    return tx.all(
        f"""SELECT {_COLUMNS} FROM identity.screenings WHERE tenant_id = :tenant
               AND (CAST(:state AS text) IS NULL OR state = :state) AND (CAST(:before AS uuid) IS NULL OR id < :before)
             ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant_id,
        limit=limit,
        **given,
    )
