"""One function, one statement of the watch: the book as bytes, loans to decide, what is written about many of them, and freezes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel import arrays
from kernel.db import AnyRow, Tx
from lending.loans.states import RUNNING, Level
from lending.loans.watching import Watch
from lending.products.states import Rebase
from lending.watch.states import EntryState

_RUNNING = f"({', '.join(repr(status.value) for status in sorted(RUNNING))})"
_LEVELS = "{" + ",".join(Level) + "}"


@dataclass(frozen=True, slots=True)
class Place:
    """A product version as the book knows it, with its collaterals' kinds."""

    number: int
    product_id: UUID
    version: int
    rebase: Rebase
    kinds: Mapping[str, int]


# A loan whose lines go by the live debt brings what its debt is made of; one whose lines stand still brings the debt they stand at.
_BOOK = """
COPY (
    WITH place AS (
        SELECT * FROM unnest(CAST(%(places)s AS int[]), CAST(%(products)s AS uuid[]), CAST(%(versions)s AS int[]),
                             CAST(%(rebases)s AS text[]))
               AS p (place, product_id, version, rebase)
    ), kind AS (
        SELECT * FROM unnest(CAST(%(kinds)s AS int[]), CAST(%(places_of_kinds)s AS int[]), CAST(%(assets)s AS text[]))
               AS k (kind, place, asset)
    )
    SELECT l.id, p.place, CAST(l.status IN {running} AS int), array_position(CAST(%(levels)s AS text[]), l.level) - 1, l.interest_from,
           CAST(CASE p.rebase WHEN 'LIVE_DEBT' THEN l.principal + l.interest_owed + l.fee_owed + l.penalty_owed ELSE l.debt_at_event END
                AS float8),
           CAST(CASE p.rebase WHEN 'LIVE_DEBT' THEN l.principal ELSE 0 END AS float8), CAST(l.rate AS float8),
           coalesce(k.kind, 0), CAST(coalesce(c.quantity, 0) AS float8)
      FROM lending.loans l
      JOIN place p ON p.product_id = l.product_id AND p.version = l.version AND p.rebase <> 'FROZEN'
      LEFT JOIN lending.loan_collaterals c ON c.loan_id = l.id AND c.quantity > 0
      LEFT JOIN kind k ON k.place = p.place AND k.asset = c.asset
     WHERE {where}
    UNION ALL
    SELECT l.id, p.place, CAST(l.status IN {running} AS int), array_position(CAST(%(levels)s AS text[]), l.level) - 1, l.interest_from,
           CAST(l.origination ->> 'debt' AS float8), 0, CAST(l.rate AS float8), coalesce(k.kind, 0), CAST(coalesce(c.value, '0') AS float8)
      FROM lending.loans l
      JOIN place p ON p.product_id = l.product_id AND p.version = l.version AND p.rebase = 'FROZEN'
      LEFT JOIN LATERAL jsonb_each_text(l.origination -> 'collateral') c ON CAST(c.value AS numeric) > 0
      LEFT JOIN kind k ON k.place = p.place AND k.asset = c.key
     WHERE {where}
) TO STDOUT (FORMAT binary)"""


def copy_book(tx: Tx, places: Sequence[Place], *, changed_since: str | None) -> bytes:
    """All running loans, or all loans that changed since a horizon, as `book.read_rows` reads them."""
    where = f"l.status IN {_RUNNING}" if changed_since is None else "l.xid >= CAST(%(since)s AS xid8)"
    kinds = [(kind, place.number, asset) for place in places for asset, kind in place.kinds.items()]
    given = {
        "places": arrays.array(place.number for place in places),
        "products": arrays.array(place.product_id for place in places),
        "versions": arrays.array(place.version for place in places),
        "rebases": arrays.array(place.rebase for place in places),
        "kinds": arrays.array(kind for kind, _, _ in kinds),
        "places_of_kinds": arrays.array(place for _, place, _ in kinds),
        "assets": arrays.texts(asset for _, _, asset in kinds),
        "levels": _LEVELS,
        "since": changed_since,
    }
    driver: Any = tx.connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_BOOK.format(running=_RUNNING, where=where), given) as copy:
        return b"".join(bytes(part) for part in copy)


def horizon(tx: Tx) -> str:
    """Everything older is committed or will never be: the next look for changes starts here."""
    return str(tx.scalar("SELECT CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text)"))


def versions_in_use(tx: Tx, *, changed_since: str | None) -> Sequence[AnyRow]:
    """Which product versions have running loans, or loans that changed since."""
    where = f"status IN {_RUNNING}" if changed_since is None else "xid >= CAST(:since AS xid8)"
    given = {} if changed_since is None else {"since": changed_since}
    return tx.all(f"SELECT DISTINCT tenant_id, product_id, version FROM lending.loans WHERE {where}", **given)


def write_watches(tx: Tx, watches: Mapping[UUID, Watch]) -> None:
    """What is remembered of many loans; the caller holds their locks."""
    ordered = sorted(watches.items())
    tx.execute(
        """UPDATE lending.loans l SET level = w.level, below = w.below, below_since = w.since,
                  row_version = l.row_version + 1, xid = pg_current_xact_id(), updated_at = :now
             FROM unnest(CAST(:ids AS uuid[]), CAST(:levels AS text[]), CAST(:belows AS int[]), CAST(:sinces AS timestamptz[]))
                  AS w (id, level, below, since)
            WHERE l.tenant_id = :tenant AND l.id = w.id""",
        tenant=tx.tenant_id, now=tx.now, ids=arrays.array(loan for loan, _ in ordered),
        levels=arrays.array(watch.level for _, watch in ordered), belows=arrays.array(watch.below for _, watch in ordered),
        sinces=arrays.texts(None if watch.since is None else watch.since.isoformat() for _, watch in ordered),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a change of level was decided by."""

    id: UUID
    loan_id: UUID
    from_level: Level
    to_level: Level
    line: str | None
    debt: Decimal
    prices: str


def insert_evidence(tx: Tx, rows: Sequence[Evidence], *, at: datetime) -> None:
    tx.execute(
        """INSERT INTO lending.price_evidence (tenant_id, id, loan_id, from_level, to_level, line, debt, prices, at)
           SELECT :tenant, e.id, e.loan_id, e.from_level, e.to_level, e.line, e.debt, CAST(e.prices AS jsonb), :at
             FROM unnest(CAST(:ids AS uuid[]), CAST(:loans AS uuid[]), CAST(:froms AS text[]), CAST(:tos AS text[]),
                         CAST(:lines AS text[]), CAST(:debts AS numeric[]), CAST(:prices AS text[]))
                  AS e (id, loan_id, from_level, to_level, line, debt, prices)""",
        tenant=tx.tenant_id, at=at, ids=arrays.array(row.id for row in rows), loans=arrays.array(row.loan_id for row in rows),
        froms=arrays.array(row.from_level for row in rows), tos=arrays.array(row.to_level for row in rows),
        lines=arrays.array(row.line for row in rows), debts=arrays.array(row.debt for row in rows),
        prices=arrays.texts(row.prices for row in rows),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a loan's timeline."""

    loan_id: UUID
    kind: str
    shown: bool
    payload: Mapping[str, Any]


def insert_events(tx: Tx, entries: Sequence[Entry], *, at: datetime) -> None:
    """As `loans.queries.add_event`, for many loans; the caller holds their locks."""
    tx.execute(
        """INSERT INTO lending.loan_events (tenant_id, loan_id, seq, kind, shown, payload, at)
           SELECT :tenant, e.loan_id, coalesce((SELECT max(seq) FROM lending.loan_events o WHERE o.loan_id = e.loan_id), 0)
                  + row_number() OVER (PARTITION BY e.loan_id ORDER BY e.n), e.kind, e.shown, CAST(e.payload AS jsonb), :at
             FROM unnest(CAST(:loans AS uuid[]), CAST(:kinds AS text[]), CAST(:showns AS boolean[]), CAST(:payloads AS text[]))
                  WITH ORDINALITY AS e (loan_id, kind, shown, payload, n)""",
        tenant=tx.tenant_id, at=at, loans=arrays.array(entry.loan_id for entry in entries),
        kinds=arrays.array(entry.kind for entry in entries), showns=arrays.array(entry.shown for entry in entries),
        payloads=arrays.texts(json.dumps(entry.payload) for entry in entries),
    )  # fmt: skip


# Freezes and entered prices ------------------------------------------------------------------------------------------------------


def freezes(tx: Tx) -> Sequence[AnyRow]:
    return tx.all("SELECT tenant_id, product_id, version, asset, since, alarmed_at FROM lending.freezes")


def freeze(tx: Tx, product_id: UUID, version: int, asset: str, *, at: datetime, seen: Mapping[str, Any] | None) -> None:
    tx.execute(
        """INSERT INTO lending.freezes (tenant_id, product_id, version, asset, since, seen)
           VALUES (:tenant, :product, :version, :asset, :at, CAST(:seen AS jsonb)) ON CONFLICT DO NOTHING""",
        tenant=tx.tenant_id, product=product_id, version=version, asset=asset, at=at, seen=None if seen is None else json.dumps(seen),
    )  # fmt: skip


def thaw(tx: Tx, product_id: UUID, version: int, asset: str) -> None:
    tx.execute(
        """DELETE FROM lending.freezes WHERE tenant_id = :tenant AND product_id = :product AND version = :version AND asset = :asset""",
        tenant=tx.tenant_id, product=product_id, version=version, asset=asset,
    )  # fmt: skip


def alarmed(tx: Tx, product_id: UUID, version: int, asset: str, *, at: datetime) -> None:
    tx.execute(
        """UPDATE lending.freezes SET alarmed_at = :at
            WHERE tenant_id = :tenant AND product_id = :product AND version = :version AND asset = :asset""",
        tenant=tx.tenant_id, product=product_id, version=version, asset=asset, at=at,
    )  # fmt: skip


def standing(tx: Tx, *, at: datetime) -> Sequence[AnyRow]:
    """What two people entered and still counts, of all tenants, newest last."""
    return tx.all(
        """SELECT tenant_id, id, asset, quote, price, evidence, until FROM lending.entered_prices
            WHERE status = 'standing' AND until > :at ORDER BY at, id""",
        at=at,
    )


def insert_entry(
    tx: Tx,
    entry_id: UUID,
    *,
    asset: str,
    quote: str,
    price: Decimal | None,
    evidence: Mapping[str, Any],
    until: datetime,
    by: UUID,
) -> None:
    tx.execute(
        """INSERT INTO lending.entered_prices (tenant_id, id, asset, quote, price, evidence, until, status, proposed_by, at)
           VALUES (:tenant, :id, :asset, :quote, :price, CAST(:evidence AS jsonb), :until, 'proposed', :by, :now)""",
        tenant=tx.tenant_id, id=entry_id, asset=asset, quote=quote, price=price, evidence=json.dumps(evidence), until=until,
        by=by, now=tx.now,
    )  # fmt: skip


_ENTRY = """SELECT id, asset, quote, price, evidence, until, status, proposed_by, at,
                   status = 'standing' AND until > :now AS in_force FROM lending.entered_prices"""


def entry(tx: Tx, entry_id: UUID, *, lock: bool = False) -> AnyRow | None:
    ending = " FOR UPDATE" if lock else ""
    return tx.first(
        f"{_ENTRY} WHERE tenant_id = :tenant AND id = :id{ending}", tenant=tx.tenant_id, id=entry_id, now=tx.now
    )


def entries(tx: Tx, *, before: UUID | None, limit: int) -> Sequence[AnyRow]:
    return tx.all(
        f"""{_ENTRY} WHERE tenant_id = :tenant AND (CAST(:before AS uuid) IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant_id, before=before, limit=limit, now=tx.now,
    )  # fmt: skip


def move_entry(tx: Tx, entry_id: UUID, to: EntryState, *, until: datetime) -> None:
    tx.execute(
        "UPDATE lending.entered_prices SET status = :to, until = :until WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id, id=entry_id, to=to.value, until=until,
    )  # fmt: skip


def freezes_of(tx: Tx) -> Sequence[AnyRow]:
    """Of one tenant, with the name of the product, whether it has lasted longer than its terms allow, and how many loans wait."""
    return tx.all(
        f"""SELECT f.product_id, f.version, p.name AS product, f.asset, p.asset AS quote, f.since, f.alarmed_at, f.seen,
                  f.since + make_interval(secs => CAST(p.terms ->> 'freeze_s' AS int)) <= :now AS late,
                  (SELECT count(*) FROM lending.loans l JOIN lending.loan_collaterals c ON c.loan_id = l.id
                    WHERE l.tenant_id = f.tenant_id AND l.product_id = f.product_id AND l.version = f.version
                      AND l.status IN {_RUNNING} AND c.asset = f.asset AND c.quantity > 0) AS loans
             FROM lending.freezes f
             JOIN lending.loan_products p ON p.tenant_id = f.tenant_id AND p.id = f.product_id AND p.version = f.version
            WHERE f.tenant_id = :tenant ORDER BY f.since, f.product_id, f.asset""",
        tenant=tx.tenant_id, now=tx.now,
    )  # fmt: skip
