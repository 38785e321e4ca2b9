"""One function, one statement on product versions and their collateral."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.db import AnyRow, Tx
from lending.products.checks import CollateralWish, FundingLine, Wish
from lending.products.rules import Lines, Ratio, Thresholds, thresholds
from lending.products.states import PRODUCT, Basis, ProductStatus
from lending.products.terms import Collateral, ProductVersion, Terms

_SELECT = """
    SELECT p.id, p.version, p.status, p.name, p.asset, p.funding_line_id, p.terms,
           (SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'asset', c.asset, 'basis', c.basis, 'pledge', CAST(c.pledge AS text), 'warning', CAST(c.warning AS text),
                       'displayed', CAST(c.displayed AS text), 'actual', CAST(c.actual AS text), 'hard', CAST(c.hard AS text),
                       'ltvs', (SELECT jsonb_agg(jsonb_build_array(CAST(n AS text), CAST(d AS text)) ORDER BY place)
                                  FROM unnest(c.ltv_numerators, c.ltv_denominators) WITH ORDINALITY AS r (n, d, place)),
                       'haircut', CAST(c.haircut AS text), 'cap', CAST(c.asset_cap AS text)) ORDER BY c.asset), '[]')
              FROM lending.product_collaterals c
             WHERE c.tenant_id = p.tenant_id AND c.product_id = p.id AND c.version = p.version) AS collaterals
      FROM lending.loan_products p"""


def version(tx: Tx, product_id: UUID, number: int) -> ProductVersion | None:
    """One version, whatever its status: a loan reads the one it was made under."""
    row = tx.first(
        f"{_SELECT} WHERE p.tenant_id = :tenant AND p.id = :id AND p.version = :version",
        tenant=tx.tenant_id, id=product_id, version=number,
    )  # fmt: skip
    return None if row is None else _version(row)


def published(tx: Tx, product_id: UUID) -> ProductVersion | None:
    row = tx.first(
        f"{_SELECT} WHERE p.tenant_id = :tenant AND p.id = :id AND p.status = 'published'",
        tenant=tx.tenant_id, id=product_id,
    )  # fmt: skip
    return None if row is None else _version(row)


def versions(tx: Tx, *, only_published: bool) -> Sequence[ProductVersion]:
    """All of them, newest version first within a product."""
    rows = tx.all(
        f"{_SELECT} WHERE p.tenant_id = :tenant AND (NOT :only OR p.status = 'published') ORDER BY p.id, p.version DESC",
        tenant=tx.tenant_id, only=only_published,
    )  # fmt: skip
    return [_version(row) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Who made a version and when it began and ended. `rate` is what its loans are charged today."""

    created_by: UUID
    created_at: datetime
    published_at: datetime | None
    retired_at: datetime | None
    rate: Decimal


def stories(tx: Tx, *, only_published: bool) -> Mapping[tuple[UUID, int], Story]:
    """By id and version. A floating rate is the last announced one that has begun, else the funding line's and the spread."""
    rows = tx.all(
        """SELECT p.id, p.version, p.created_by, p.created_at, p.published_at, p.retired_at,
                  CASE WHEN p.terms ->> 'rate_mode' = 'FIXED' THEN CAST(p.terms ->> 'rate' AS numeric)
                       ELSE coalesce((SELECT r.rate FROM lending.rate_indexes r
                                       WHERE r.tenant_id = p.tenant_id AND r.product_id = p.id AND r.from_day <= :today
                                       ORDER BY r.from_day DESC LIMIT 1),
                                     f.rate + CAST(p.terms ->> 'spread' AS numeric)) END AS rate
             FROM lending.loan_products p JOIN lending.funding_lines f ON f.id = p.funding_line_id
            WHERE p.tenant_id = :tenant AND (NOT :only OR p.status = 'published')""",
        tenant=tx.tenant_id, only=only_published, today=tx.now.date(),
    )  # fmt: skip
    return {
        (row.id, row.version): Story(
            created_by=row.created_by, created_at=row.created_at, published_at=row.published_at, retired_at=row.retired_at, rate=row.rate
        )
        for row in rows
    }  # fmt: skip


def lock(tx: Tx, product_id: UUID) -> int:
    """All versions of a product, for one person at a time changes them; the newest one's number, 0 where there is no such product."""
    rows = tx.all(
        "SELECT version FROM lending.loan_products WHERE tenant_id = :tenant AND id = :id ORDER BY version FOR NO KEY UPDATE",
        tenant=tx.tenant_id, id=product_id,
    )  # fmt: skip
    return rows[-1].version if rows else 0


def last_version(tx: Tx, product_id: UUID) -> int:
    """0 where there is no such product."""
    found = tx.scalar(
        "SELECT coalesce(max(version), 0) FROM lending.loan_products WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id, id=product_id,
    )  # fmt: skip
    return int(found)


def draft(tx: Tx, product_id: UUID) -> ProductVersion | None:
    row = tx.first(
        f"{_SELECT} WHERE p.tenant_id = :tenant AND p.id = :id AND p.status = 'draft'",
        tenant=tx.tenant_id, id=product_id,
    )  # fmt: skip
    return None if row is None else _version(row)


def exists(tx: Tx, product_id: UUID) -> bool:
    """Whether it was ever published or retired: a draft that nobody has agreed to is nobody's business."""
    return tx.first(
        "SELECT FROM lending.loan_products WHERE tenant_id = :tenant AND id = :id AND status <> 'draft' LIMIT 1",
        tenant=tx.tenant_id, id=product_id,
    ) is not None  # fmt: skip


def named(tx: Tx, name: str) -> UUID | None:
    """The product whose newest version has this name."""
    found: UUID | None = tx.scalar(
        "SELECT id FROM lending.loan_products WHERE tenant_id = :tenant AND name = :name ORDER BY version DESC LIMIT 1",
        tenant=tx.tenant_id, name=name,
    )  # fmt: skip
    return found


def insert(tx: Tx, *, product_id: UUID, number: int, wish: Wish, line: UUID, actor: UUID) -> None:
    tx.execute(
        """INSERT INTO lending.loan_products (tenant_id, id, version, status, name, asset, funding_line_id, terms, created_by, created_at)
           VALUES (:tenant, :id, :version, 'draft', :name, :asset, :line, CAST(:terms AS jsonb), :actor, :now)""",
        tenant=tx.tenant_id, id=product_id, version=number, name=wish.name, asset=wish.asset, line=line,
        terms=json.dumps(wish.terms.document()), actor=actor, now=tx.now,
    )  # fmt: skip
    _insert_collaterals(tx, product_id, number, wish.collaterals)


def rewrite(tx: Tx, *, product_id: UUID, number: int, wish: Wish, line: UUID, actor: UUID) -> None:
    """A draft, whole; who typed it last made it."""
    tx.execute(
        """UPDATE lending.loan_products SET name = :name, asset = :asset, funding_line_id = :line, terms = CAST(:terms AS jsonb),
                  created_by = :actor WHERE tenant_id = :tenant AND id = :id AND version = :version AND status = 'draft'""",
        tenant=tx.tenant_id, id=product_id, version=number, name=wish.name, asset=wish.asset, line=line,
        terms=json.dumps(wish.terms.document()), actor=actor,
    )  # fmt: skip
    tx.execute(
        "DELETE FROM lending.product_collaterals WHERE tenant_id = :tenant AND product_id = :id AND version = :version",
        tenant=tx.tenant_id, id=product_id, version=number,
    )  # fmt: skip
    _insert_collaterals(tx, product_id, number, wish.collaterals)


def _insert_collaterals(tx: Tx, product_id: UUID, number: int, wishes: Sequence[CollateralWish]) -> None:
    rows = []
    for one in wishes:
        found, lines = thresholds(one.lines), one.lines
        ratios = (found.pledge, found.warning, found.displayed, found.actual, found.hard)
        rows.append(
            {
                "tenant": tx.tenant_id, "id": product_id, "version": number, "asset": one.asset, "basis": lines.basis.value,
                "pledge": lines.pledge, "warning": lines.warning, "displayed": lines.displayed, "actual": lines.actual,
                "hard": lines.hard, "numerators": [Decimal(r.numerator) for r in ratios],
                "denominators": [Decimal(r.denominator) for r in ratios], "haircut": one.haircut, "cap": one.asset_cap,
            }
        )  # fmt: skip
    tx.execute_many(
        """INSERT INTO lending.product_collaterals (tenant_id, product_id, version, asset, basis, pledge, warning, displayed, actual,
                                                    hard, ltv_numerators, ltv_denominators, haircut, asset_cap)
           VALUES (:tenant, :id, :version, :asset, :basis, :pledge, :warning, :displayed, :actual, :hard,
                   CAST(:numerators AS numeric[]), CAST(:denominators AS numeric[]), :haircut, :cap)""",
        rows,
    )


def move(tx: Tx, product_id: UUID, number: int, *, start: ProductStatus, to: ProductStatus) -> bool:
    """False when it is in another status; the time of the move is kept."""
    PRODUCT.check(start, to)
    row = tx.first(
        """UPDATE lending.loan_products
              SET status = :to, published_at = CASE WHEN :to = 'published' THEN :now ELSE published_at END,
                  retired_at = CASE WHEN :to = 'retired' THEN :now ELSE retired_at END
            WHERE tenant_id = :tenant AND id = :id AND version = :version AND status = :start RETURNING true""",
        tenant=tx.tenant_id, id=product_id, version=number, start=start.value, to=to.value, now=tx.now,
    )  # fmt: skip
    return row is not None


def begin_index(tx: Tx, product_id: UUID, *, today: date, rate: Decimal) -> None:
    """The first rate of a floating product counts from the day of its publication; later ones are announced."""
    tx.execute(
        """INSERT INTO lending.rate_indexes (tenant_id, product_id, from_day, factor, rate, announced_at)
           SELECT :tenant, :id, :today, 0, :rate, :now
            WHERE NOT EXISTS (SELECT FROM lending.rate_indexes WHERE tenant_id = :tenant AND product_id = :id)""",
        tenant=tx.tenant_id, id=product_id, today=today, rate=rate, now=tx.now,
    )  # fmt: skip


def funding_line(tx: Tx, line_id: UUID) -> FundingLine | None:
    row = tx.first(
        "SELECT id, asset, rate FROM lending.funding_lines WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id, id=line_id,
    )  # fmt: skip
    return None if row is None else FundingLine(row.id, row.asset, row.rate)


def only_line(tx: Tx, asset: str) -> FundingLine | None:
    """The one of this asset; None where there are several."""
    rows = tx.all(
        "SELECT id, asset, rate FROM lending.funding_lines WHERE tenant_id = :tenant AND asset = :asset LIMIT 2",
        tenant=tx.tenant_id, asset=asset,
    )  # fmt: skip
    return FundingLine(rows[0].id, rows[0].asset, rows[0].rate) if len(rows) == 1 else None


def _version(row: AnyRow) -> ProductVersion:
    return ProductVersion(
        id=row.id,
        version=row.version,
        status=ProductStatus(row.status),
        name=row.name,
        asset=row.asset,
        funding_line_id=row.funding_line_id,
        terms=Terms.read(row.terms),
        collaterals={c["asset"]: _collateral(c) for c in row.collaterals},
    )


def _collateral(stored: dict[str, Any]) -> Collateral:
    pledge, warning, displayed, actual, hard = (Ratio(int(n), int(d)) for n, d in stored["ltvs"])
    typed = {name: Decimal(stored[name]) for name in ("pledge", "warning", "displayed", "actual", "hard")}
    return Collateral(
        asset=stored["asset"],
        lines=Lines(basis=Basis(stored["basis"]), **typed),
        thresholds=Thresholds(pledge=pledge, warning=warning, displayed=displayed, actual=actual, hard=hard),
        haircut=Decimal(stored["haircut"]),
        asset_cap=None if stored["cap"] is None else Decimal(stored["cap"]),
    )
