"""Opening accounts by path, once per tenant, realm and path, and changing what they may do.

Guarded accounts (customers) can never be overspent; unguarded ones (the house's own) are never locked, so a hot one costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Row

from kernel.db import Tx
from payments.accounts import queries
from payments.accounts.states import AccountKind, AccountStatus
from payments.errors import AccountNotFound, refusal

Side = Literal["credit", "debit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account and what is on it, to the last committed entry; `held_by_purpose` sums to `held`."""

    account_id: int
    path: str
    asset: str
    kind: AccountKind
    realm: str
    status: AccountStatus
    owner: UUID | None
    normal_side: Side
    floor: Decimal
    opened_at: datetime
    posted: Decimal
    held: Decimal
    held_by_purpose: dict[str, Decimal]

    @property
    def id(self) -> str:
        """The number as text: what goes over the wire never becomes a float."""
        return str(self.account_id)

    @property
    def available(self) -> Decimal:
        return self.posted - self.held


_known: WeakKeyDictionary[Engine, dict[tuple[UUID, str, str], int]] = WeakKeyDictionary()


def ensure(
    tx: Tx,
    *,
    path: str,
    asset: str,
    kind: AccountKind,
    guarded: bool,
    realm: str = "REAL",
    owner: UUID | None = None,
    floor: Decimal = Decimal(0),
    normal_side: Side = "credit",
) -> int:
    """The account at `path`, opened on first use; `floor` (zero or minus a credit line) counts only then.

    Raises:
        AccountDiffers: the path is taken by an account with other properties.
    """
    known, key = _known.setdefault(tx.connection.engine, {}), (tx.tenant_id, realm, path)
    if key in known:
        return known[key]
    status, account_id = queries.open_account(
        tx,
        realm=realm,
        asset=asset,
        kind=kind.value,
        path=path,
        owner=owner,
        guarded=guarded,
        floor=floor,
        normal_side=normal_side,
    )
    if status != "ok":
        raise refusal(status, path=path, asset=asset)
    # Only once it is committed: a rolled back account must not be remembered.
    tx.after_commit(lambda: known.__setitem__(key, account_id))
    return account_id


def customer(tx: Tx, *, customer_id: UUID, asset: str, realm: str = "REAL") -> int:
    """A customer's spendable account of one asset."""
    path = f"customer:{customer_id}:{asset}"
    return ensure(tx, path=path, asset=asset, kind=AccountKind.CUSTOMER, guarded=True, realm=realm, owner=customer_id)


def house(tx: Tx, *, path: str, asset: str, kind: AccountKind, normal_side: Side, realm: str = "REAL") -> int:
    """One of the house's own accounts: `path` (venue.binance, revenue.trade_fee, …) and the asset name it."""
    return ensure(
        tx, path=f"{path}:{asset}", asset=asset, kind=kind, guarded=False, realm=realm, normal_side=normal_side
    )


def page(tx: Tx, *, realm: str, owner: UUID | None, prefix: str, after: int, limit: int) -> list[Account]:
    """Accounts in the order of their opening; of everybody when no owner is named."""
    rows = queries.page(tx, realm=realm, owner=owner, prefix=prefix, after=after, limit=limit)
    return [_account(row) for row in rows]


def get(tx: Tx, account_id: int, *, owner: UUID | None, realm: str) -> Account:
    """One account of this owner, or of anybody when none is named.

    Raises:
        AccountNotFound: there is none that they may see.
    """
    row = queries.find(tx, account_id, realm=realm)
    if row is None or owner not in {None, row.owner}:
        raise AccountNotFound
    return _account(row)


def _account(row: Row[Any]) -> Account:
    return Account(
        account_id=row.account_id,
        path=row.path,
        asset=row.asset,
        kind=AccountKind(row.kind),
        realm=row.realm,
        status=AccountStatus(row.status),
        owner=row.owner,
        normal_side=row.normal_side,
        floor=row.floor,
        opened_at=row.opened_at,
        posted=row.posted,
        held=row.held,
        held_by_purpose={kind: Decimal(amount) for kind, amount in row.held_by_purpose.items()},
    )


def freeze(tx: Tx, account_id: int) -> None:
    _set_status(tx, account_id, AccountStatus.FROZEN)


def unfreeze(tx: Tx, account_id: int) -> None:
    _set_status(tx, account_id, AccountStatus.OPEN)


def close(tx: Tx, account_id: int) -> None:
    """Close an empty account for good.

    Raises:
        AccountNotEmpty: there is a balance or an open hold.
    """
    _set_status(tx, account_id, AccountStatus.CLOSED)


def set_floor(tx: Tx, account_id: int, *, floor: Decimal) -> None:
    """Change how far below zero the account may go (0 or minus the credit line).

    Raises:
        InsufficientFunds: what is used already lies below the new floor.
    """
    status = queries.set_floor(tx, account_id=account_id, floor=floor)
    if status != "ok":
        raise refusal(status)


def _set_status(tx: Tx, account_id: int, wanted: AccountStatus) -> None:
    status = queries.set_status(tx, account_id=account_id, status=wanted.value)
    if status != "ok":
        raise refusal(status)
