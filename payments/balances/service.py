"""Balances: exact reads at any time, and the fold that adds committed entries to the projection and seals them.

The fold goes by the committed horizon: a pass takes the entries of transactions below `pg_snapshot_xmin`, all of which have ended. Going by
the largest id or by time would lose whatever commits late. Late balances never let anybody overspend: they only under-estimate.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kernel import clock, db, log, outbox
from kernel.db import Tx
from kernel.metrics import FOLD_LAG, FOLD_LAG_SECONDS
from payments.accounts.states import AccountKind
from payments.balances import queries
from payments.errors import AccountNotFound, LedgerArchived, NotFinalYet

_COUNTED_LAG = 100_000
_REBUILT_AT_ONCE = 2_000
_log = log.get("ledger")


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
class Horizon:
    """Where the fold stands: the epoch, the transaction below which everything is in the balances, the newest seal."""

    epoch: int
    horizon: int
    seal_no: int | None


@dataclass(frozen=True, slots=True)
class BrokenSeal:
    """`seal_no` is None for an entry that lies below the horizon and in no seal; the row is the first of the seal that differs."""

    seal_no: int | None
    fault: str
    journal_id: UUID | None = None
    line: int | None = None


def of_owner(tx: Tx, *, owner: UUID, realm: str = "REAL", kind: AccountKind = AccountKind.CUSTOMER) -> list[BalanceRow]:
    """What an owner has, per asset, to the last committed entry."""
    return [
        BalanceRow(row.asset, row.posted, row.held, {k: Decimal(v) for k, v in row.held_by_purpose.items()})
        for row in queries.of_owner(tx, owner=owner, realm=realm, kind=kind.value)
    ]


def fingerprints(
    tx: Tx, *, owners: Sequence[UUID], realm: str = "REAL", kind: AccountKind = AccountKind.CUSTOMER
) -> dict[UUID, str]:
    """A text per owner that changes whenever the projection of their money does: cheap to compare, for whoever watches many."""
    rows = queries.fingerprints(tx, owners=owners, realm=realm, kind=kind.value)
    return {row.owner: row.fingerprint for row in rows}


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


def fold(*, limit: int = 10_000) -> FoldResult:
    """One pass over about `limit` entries of all tenants, in its own transaction; only the engine may. Two folders are harmless.

    Nothing is written when nothing waits, so an idle folder costs one read.
    """
    with db.transaction() as tx:
        pending = queries.pending(tx)
        if pending.restored:
            _open_epoch(tx)
            return FoldResult(0, 0, 0, None)
        if not pending.waits:
            return FoldResult(0, 0, 0, None)
        done = queries.fold(tx, limit=limit)
        left = queries.lag(tx, limit=_COUNTED_LAG).entries
    return FoldResult(done.folded, done.accounts, left, done.seal_no)


def _open_epoch(tx: Tx) -> None:
    """The first thing in a cluster that a dump was restored into: all of it in one transaction, or nothing."""
    now = queries.open_epoch(tx)
    if now.opened:
        outbox.restart(tx)
        _log.warning("ledger_restored", epoch=now.epoch)


def rebuild(accounts: Sequence[int] | None = None) -> int:
    """Balances from the journal and the open holds, of these accounts or of all; returns how many were wrong. Only the engine may."""
    wrong, after = 0, 0
    while page := _page(accounts, after):
        with db.transaction() as tx:
            wrong += queries.rebuild(tx, page)
        after = page[-1]
    if wrong:
        _log.error("projection_rebuilt", accounts=wrong)
    return wrong


def _page(accounts: Sequence[int] | None, after: int) -> list[int]:
    if accounts is not None:
        return sorted(set(accounts))[bisect_right(sorted(set(accounts)), after) :][:_REBUILT_AT_ONCE]
    with db.read_only() as tx:
        return queries.next_accounts(tx, after=after, limit=_REBUILT_AT_ONCE)


def at(tx: Tx, account_id: int, when: datetime) -> Decimal:
    """What the account had posted at a past moment, by the time of booking, that moment included.

    Raises:
        AccountNotFound: there is none, or it is another tenant's.
        NotFinalYet: something may still be booked at or before `when`.
        LedgerArchived: the journals around `when` have left the tables.
    """
    row = queries.at(tx, account_id, when)
    if row is None:
        raise AccountNotFound
    if not queries.is_final(tx, when):
        raise NotFinalYet
    if row.archived:
        raise LedgerArchived
    return Decimal(row.posted)


def demand_final(tx: Tx, when: datetime) -> None:
    """Whoever says what stood in the books at a past moment asks this first.

    Raises:
        NotFinalYet: something may still be booked at or before `when`.
        LedgerArchived: the journals around `when` have left the tables.
    """
    if not queries.is_final(tx, when):
        raise NotFinalYet
    demand_in_tables(tx, when)


def demand_in_tables(tx: Tx, when: datetime) -> None:
    """Whoever sums entries up to a past moment asks this first.

    Raises:
        LedgerArchived: the journals around `when` have left the tables.
    """
    if queries.is_archived(tx, when):
        raise LedgerArchived


def watch_lag(*, alarm_s: float) -> FoldLag:
    """Measure how far the fold is behind, and raise the alarm with the name of who holds it back. Only the engine may."""
    with db.read_only() as tx:
        lag = fold_lag(tx)
        late = lag.age_s >= alarm_s
        holder = queries.holder(tx) if late else None
    FOLD_LAG.set(lag.entries)
    FOLD_LAG_SECONDS.set(lag.age_s)
    if late:
        held_by = dict(holder._mapping) if holder is not None else None  # noqa: SLF001  the row's documented view as a mapping
        _log.error("fold_lags", entries=lag.entries, age_s=round(lag.age_s, 3), held_by=held_by)
    return lag


def fold_lag(tx: Tx) -> FoldLag:
    row = queries.lag(tx, limit=_COUNTED_LAG)
    age_s = (clock.wall() - row.oldest).total_seconds() if row.oldest else 0.0
    return FoldLag(row.entries, max(age_s, 0.0))


def horizon(tx: Tx) -> Horizon:
    row = queries.fold_state(tx)
    return Horizon(row.epoch, int(row.horizon), row.seal_no)


def verify_seals(tx: Tx) -> list[BrokenSeal]:
    """Recompute the whole chain; empty means intact. Needs the engine's view of all tenants."""
    return [*check_seals(tx, first=1, last=None), *unsealed(tx)]


def unsealed(tx: Tx) -> list[BrokenSeal]:
    """Entries below the horizon that no seal covers, a hundred at most."""
    return [BrokenSeal(None, "entry_unsealed", row.journal_id, row.line) for row in queries.unsealed_entries(tx)]


def check_seals(tx: Tx, *, first: int, last: int | None) -> list[BrokenSeal]:
    """Recompute a stretch of the chain, and name the first row of each seal that is not what was sealed."""
    assert tx.tenant is None, "a seal spans all tenants"
    rows = queries.broken_seals(tx, first=first, last=last)
    return [BrokenSeal(row.seal_no, row.fault, row.journal_id, row.line) for row in rows]
