"""One function, one statement on products, their shares and prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from kernel.db import Tx
from payments.products.rules import Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A row of payments.products with its asset's code."""

    id: UUID
    sku: str
    realm: str
    name: str
    asset: str
    asset_id: int
    price: Decimal
    price_version: int
    fee_rate: Decimal
    commission_rate: Decimal
    sold_by: str
    created_at: datetime
    updated_at: datetime


_COLUMNS = (
    "p.id, p.sku, p.realm, p.name, s.code AS asset, p.asset_id, p.price, p.price_version, p.fee_rate, p.commission_rate,"
    " p.sold_by, p.created_at, p.updated_at"
)
_FROM = "payments.products p JOIN payments.assets s USING (asset_id)"


def _product(row: Row[Any]) -> Product:
    return Product(**row._mapping)  # noqa: SLF001  the public name of a row's columns


def insert(tx: Tx, product: dict[str, Any]) -> bool:
    """False when the SKU is taken; nothing is written then."""
    row = tx.first(
        """INSERT INTO payments.products (tenant_id, sku, id, realm, name, asset_id, price, fee_rate, commission_rate, sold_by,
                                          created_at, updated_at)
           SELECT :tenant, :sku, :id, :realm, :name, asset_id, :price, :fee_rate, :commission_rate, :sold_by, :now, :now
             FROM payments.assets WHERE code = :asset
           ON CONFLICT (tenant_id, sku) DO NOTHING RETURNING sku""",
        tenant=tx.tenant_id, now=tx.now, **product,
    )  # fmt: skip
    return row is not None


def insert_shares(tx: Tx, sku: str, shares: Sequence[Share]) -> None:
    tx.execute(
        """INSERT INTO payments.product_shares (tenant_id, sku, position, role, account_id, weight)
           SELECT :tenant, :sku, t.n, t.role, t.account_id, t.weight
             FROM unnest(CAST(:roles AS text[]), CAST(:accounts AS bigint[]), CAST(:weights AS numeric[])) WITH ORDINALITY
                  AS t (role, account_id, weight, n)""",
        tenant=tx.tenant_id,
        sku=sku,
        roles=[share.role.value for share in shares],
        accounts=[share.account_id for share in shares],
        weights=[share.weight for share in shares],
    )


def insert_price(tx: Tx, *, sku: str, price_version: int, price: Decimal, changed_by: UUID) -> None:
    tx.execute(
        """INSERT INTO payments.product_prices (tenant_id, sku, price_version, price, changed_by, valid_from)
           VALUES (:tenant, :sku, :price_version, :price, :changed_by, :now)""",
        tenant=tx.tenant_id, now=tx.now, sku=sku, price_version=price_version, price=price, changed_by=changed_by,
    )  # fmt: skip


def find(tx: Tx, sku: str) -> Product | None:
    row = tx.first(
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE p.tenant_id = :tenant AND p.sku = :sku", tenant=tx.tenant_id, sku=sku
    )
    return None if row is None else _product(row)


def by_id(tx: Tx, product_id: UUID) -> Product | None:
    row = tx.first(
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE p.tenant_id = :tenant AND p.id = :id", tenant=tx.tenant_id, id=product_id
    )
    return None if row is None else _product(row)


def lock(tx: Tx, sku: str) -> Product | None:
    row = tx.first(
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE p.tenant_id = :tenant AND p.sku = :sku FOR NO KEY UPDATE OF p",
        tenant=tx.tenant_id,
        sku=sku,
    )
    return None if row is None else _product(row)


def set_price(tx: Tx, *, sku: str, price: Decimal, price_version: int) -> None:
    tx.execute(
        """UPDATE payments.products SET price = :price, price_version = :price_version, updated_at = :now
            WHERE tenant_id = :tenant AND sku = :sku""",
        tenant=tx.tenant_id, now=tx.now, sku=sku, price=price, price_version=price_version,
    )  # fmt: skip


def page(tx: Tx, *, realm: str, after: str | None, limit: int) -> list[Product]:
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM {_FROM} WHERE p.tenant_id = :tenant AND p.realm = :realm AND p.sku > :after AND p.sold_by = 'shop'
             ORDER BY p.sku LIMIT :limit""",
        tenant=tx.tenant_id, realm=realm, after=after or "", limit=limit,
    )  # fmt: skip
    return [_product(row) for row in rows]


def prices(tx: Tx, *, sku: str, before: int | None, limit: int) -> list[Row[Any]]:
    return tx.all(
        """SELECT price_version, price, valid_from FROM payments.product_prices
            WHERE tenant_id = :tenant AND sku = :sku AND (CAST(:before AS integer) IS NULL OR price_version < :before)
            ORDER BY price_version DESC LIMIT :limit""",
        tenant=tx.tenant_id, sku=sku, before=before, limit=limit,
    )  # fmt: skip


def shares(tx: Tx, sku: str) -> list[Row[Any]]:
    return tx.all(
        "SELECT role, account_id, weight FROM payments.product_shares WHERE tenant_id = :tenant AND sku = :sku ORDER BY position",
        tenant=tx.tenant_id,
        sku=sku,
    )


def unfit_payees(tx: Tx, *, accounts: Sequence[int], asset: str, realm: str) -> list[int]:
    """Those of the accounts that cannot receive payments of this asset and realm."""
    return [
        row.account_id
        for row in tx.all(
            """SELECT w.account_id FROM unnest(CAST(:accounts AS bigint[])) AS w (account_id)
                WHERE NOT EXISTS (SELECT 1 FROM payments.accounts a JOIN payments.assets s USING (asset_id)
                                   WHERE a.account_id = w.account_id AND a.tenant_id = :tenant AND a.realm = :realm AND s.code = :asset
                                     AND a.kind IN ('customer', 'house', 'revenue') AND a.normal_side = 'credit'
                                     AND a.status <> 'closed')""",
            tenant=tx.tenant_id, accounts=list(accounts), asset=asset, realm=realm,
        )
    ]  # fmt: skip
