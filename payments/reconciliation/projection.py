"""The source `balances`: our own projection against our own journal, account by account. What differs is rebuilt, never plugged."""

from __future__ import annotations

from kernel.db import Tx
from payments.reconciliation import projection_queries
from payments.reconciliation.errors import ScopeUnknown
from payments.reconciliation.sources import Observation, Scope, Slice
from payments.reconciliation.states import BreakClass, Level


class Projection:
    """The scope is the path of one account; without one every account of the tenant is compared."""

    levels = frozenset(Level)

    def read(self, tx: Tx, scope: Scope, position: str | None, limit: int) -> Slice:
        only = None
        if scope.name is not None:
            account = projection_queries.account_by_path(tx, scope.name)
            if account is None:
                raise ScopeUnknown("there is no account with this path")
            only = account.account_id
        rows = projection_queries.compare(tx, after=int(position or 0), only=only, limit=limit)
        seen = [
            Observation(
                reference=row.name, asset=row.asset, ours=row.posted, theirs=row.true_posted, account_id=row.account_id, whole=True,
                hint=BreakClass.PROJECTION if (row.posted, row.held) != (row.true_posted, row.true_held) else None,
                raw={"account": row.account_id, "version": row.version, "posted": row.posted, "held": row.held,
                     "journal_posted": row.true_posted, "journal_held": row.true_held},
            )
            for row in rows
        ]  # fmt: skip
        return Slice(seen, str(rows[-1].account_id) if len(rows) == limit else None)
