"""Opening accounts by path, once per tenant, realm and path, and changing what they may do.

Guarded accounts (customers) can never be overspent; unguarded ones (the house's own) are never locked, so a hot one costs nothing.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from kernel.db import Tx
from payments.accounts import queries
from payments.accounts.states import AccountKind, AccountStatus
from payments.errors import refusal

Side = Literal["credit", "debit"]

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
