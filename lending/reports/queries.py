"""One function, one statement on what the loan book comes to."""

from __future__ import annotations

from kernel.db import AnyRow, Tx


def funding(tx: Tx) -> list[AnyRow]:
    return tx.all(
        """SELECT id, name, adapter, source, asset, line_limit, rate, drawn, accrued, accrued_through FROM lending.funding_lines
            WHERE tenant_id = :tenant ORDER BY name""",
        tenant=tx.tenant_id,
    )


def selling(tx: Tx) -> list[AnyRow]:
    """Loans whose collateral is being sold, by lent asset."""
    return tx.all(
        """SELECT asset, count(*) AS loans, sum(principal + interest_owed + fee_owed + penalty_owed) AS debt FROM lending.loans
            WHERE tenant_id = :tenant AND status = 'liquidating' GROUP BY asset ORDER BY asset""",
        tenant=tx.tenant_id,
    )
