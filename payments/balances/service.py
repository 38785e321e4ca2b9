"""Balances: exact reads at any time, and the fold that adds committed entries to the projection and seals them.

The fold goes by the committed horizon: a pass takes the entries of transactions below `pg_snapshot_xmin`, all of which have ended. Going by
the largest id or by time would lose whatever commits late. Late balances never let anybody overspend: they only under-estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from kernel import clock, db
from kernel.db import Tx
from payments.accounts.states import AccountKind
from payments.balances import queries
from payments.errors import AccountNotFound, NotFinalYet

_COUNTED_LAG = 100_000


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """`held_by_purpose` says what `held` is for; it is of the same snapshot and sums to it."""

    asset: str
    posted: Decimal
    held: Decimal
    held_by_purpose: dict[str, Decimal]

    @property
    def available(self) -> Decimal:
        return self.posted - self.held


@dataclass(frozen=True, slots=True)
class PathBalance:
    account_id: int
    path: str
    asset: str
    posted: Decimal
    held: Decimal

    @property
    def available(self) -> Decimal:
        return self.posted - self.held


@dataclass(frozen=True, slots=True)
class FoldResult:
    """One pass: entries folded, accounts touched, entries that wait for the next pass, the seal that was written."""

    folded: int
    accounts: int
    left: int
    seal_no: int | None


@dataclass(frozen=True, slots=True)
class FoldLag:
    """Committed entries that are not in the balances yet (counted up to 100,000), and the age of the oldest."""

    entries: int
    age_s: float


@dataclass(frozen=True, slots=True)
class BrokenSeal:
    """`seal_no` is None for an entry that lies below the horizon and in no seal."""

    seal_no: int | None
    fault: str


def of_owner(tx: Tx, *, owner: UUID, realm: str = "REAL", kind: AccountKind = AccountKind.CUSTOMER) -> list[BalanceRow]:
    """What an owner has, per asset, to the last committed entry."""
    return [
        BalanceRow(row.asset, row.posted, row.held, {k: Decimal(v) for k, v in row.held_by_purpose.items()})
        for row in queries.of_owner(tx, owner=owner, realm=realm, kind=kind.value)
    ]


def by_path_prefix(tx: Tx, prefix: str, *, realm: str = "REAL") -> list[PathBalance]:
    """Accounts whose path begins with `prefix`, to the last committed entry."""
    rows = queries.by_path_prefix(tx, prefix=prefix, realm=realm)
    return [PathBalance(row.account_id, row.path, row.asset, row.posted, row.held) for row in rows]


def exact(tx: Tx, account_id: int) -> Decimal:
    """The sum of the account's entries, folded or not."""
    row = queries.exact(tx, account_id)
    if row is None:
        raise AccountNotFound
    return Decimal(row.posted)


def at(tx: Tx, account_id: int, when: datetime) -> Decimal:
    """What the account had posted at a past moment, by the time of booking, that moment included.

    Raises:
        AccountNotFound: there is none, or it is another tenant's.
        NotFinalYet: something may still be booked at or before `when`.
    """
    if when > tx.now - timedelta(minutes=1):
        raise NotFinalYet
    posted = queries.booked_by(tx, account_id, when)
    if posted is None:
        raise AccountNotFound
    return posted


def fold(*, limit: int = 10_000) -> FoldResult:
    """One pass over about `limit` entries of all tenants, in its own transaction; only the engine may. Two folders are harmless.

    Nothing is written when nothing waits, so an idle folder costs one read.
    """
    with db.transaction() as tx:
        if queries.lag(tx, limit=1).entries == 0:
            return FoldResult(0, 0, 0, None)
        done = queries.fold(tx, limit=limit)
        left = queries.lag(tx, limit=_COUNTED_LAG).entries
    return FoldResult(done.folded, done.accounts, left, done.seal_no)


def fold_lag(tx: Tx) -> FoldLag:
    row = queries.lag(tx, limit=_COUNTED_LAG)
    age_s = (clock.wall() - row.oldest).total_seconds() if row.oldest else 0.0
    return FoldLag(row.entries, max(age_s, 0.0))


def verify_seals(tx: Tx) -> list[BrokenSeal]:
    """Recompute the whole chain; empty means intact. Needs the engine's view of all tenants."""
    assert tx.tenant is None, "a seal spans all tenants"
    return [BrokenSeal(row.seal_no, row.fault) for row in queries.broken_seals(tx)]
