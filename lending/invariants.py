"""What must always hold for loans, as SQL counts: the ledger's accounts beside the rows they stand for, and nothing twice."""

from __future__ import annotations

from kernel.invariants import Invariant
from payments.standing import BOOK

_RUNNING = "('active', 'matured_overdue')"

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "collateral_is_pledged",
        "What a loan's collateral says stands on its own account, unit for unit, and on no other",
        f"""SELECT count(*) FROM (
                SELECT a.tenant_id, a.path, a.posted AS amount FROM {BOOK} a WHERE a.kind = 'pledged') book
             FULL JOIN (SELECT tenant_id, 'loan:' || loan_id || ':' || asset AS path, quantity AS amount
                          FROM lending.loan_collaterals) ours USING (tenant_id, path)
            WHERE coalesce(book.amount, 0) <> coalesce(ours.amount, 0)""",
    ),
    Invariant(
        "principal_is_lent",
        "What customers owe of a product in the ledger is the principal of its loans",
        f"""SELECT count(*) FROM (
                SELECT a.tenant_id, a.path, -a.posted AS amount FROM {BOOK} a
                 WHERE starts_with(a.path, 'lending.principal.')) book
             FULL JOIN (SELECT tenant_id, 'lending.principal.' || product_id || ':' || asset AS path, sum(principal) AS amount
                          FROM lending.loans WHERE status <> 'applied' GROUP BY 1, 2) ours USING (tenant_id, path)
            WHERE coalesce(book.amount, 0) <> coalesce(ours.amount, 0)""",
    ),
    Invariant(
        "interest_is_receivable",
        "Interest that customers owe in the ledger is what the days booked, less what the loans were charged and owe no more",
        f"""SELECT count(*) FROM (
                SELECT a.tenant_id, a.path, -a.posted AS amount FROM {BOOK} a
                 WHERE starts_with(a.path, 'lending.interest.')) book
             FULL JOIN (SELECT l.tenant_id, 'lending.interest.' || l.product_id || ':' || l.asset AS path,
                               coalesce((SELECT sum(c.amount) FROM lending.accruals c WHERE c.tenant_id = l.tenant_id
                                            AND c.subject_kind = 'product' AND c.subject_id = l.product_id), 0)
                               - sum(l.interest_charged - l.interest_owed) AS amount
                          FROM lending.loans l GROUP BY l.tenant_id, l.product_id, l.asset) ours USING (tenant_id, path)
            WHERE coalesce(book.amount, 0) <> coalesce(ours.amount, 0)""",
    ),
    Invariant(
        "days_add_up",
        "What a day says was booked since the beginning is the sum of the days, and each booked day has its journal",
        """SELECT count(*) FROM (
               SELECT amount, total, journal_id, sum(amount) OVER (PARTITION BY tenant_id, subject_kind, subject_id ORDER BY day) AS summed
                 FROM lending.accruals) d
            WHERE total <> summed OR (amount <> 0) <> (journal_id IS NOT NULL)""",
    ),
    Invariant(
        "funding_is_owed",
        "What we owe the source of a funding line is what its moves drew and did not return",
        f"""SELECT count(*) FROM lending.funding_lines f
             LEFT JOIN {BOOK} a ON a.tenant_id = f.tenant_id AND a.realm = 'REAL'
              AND a.path = 'funding.payable.' || f.id || ':' || f.asset
            WHERE coalesce(a.posted, 0) <> f.drawn
               OR f.drawn <> (SELECT coalesce(sum(CASE m.kind WHEN 'draw' THEN m.amount ELSE -m.amount END), 0)
                                FROM lending.funding_moves m WHERE m.line_id = f.id AND m.status = 'done' AND m.kind <> 'cost')""",
    ),
    Invariant(
        "funding_cost_is_owed",
        "The cost of a funding line in the ledger is what has accrued in whole units and is not paid",
        f"""SELECT count(*) FROM lending.funding_lines f
             JOIN payments.assets s ON s.code = f.asset
             LEFT JOIN {BOOK} a ON a.tenant_id = f.tenant_id AND a.realm = 'REAL'
              AND a.path = 'funding.interest.' || f.id || ':' || f.asset
            WHERE coalesce(a.posted, 0) <> trunc(round(f.accrued, 22), s.scale)""",
    ),
    Invariant(
        "ended_loans_owe_nothing",
        "A loan that has ended owes nothing and has no collateral; one that was given up keeps what it owed in its liquidation",
        """SELECT count(*) FROM lending.loans l
            WHERE l.status IN ('repaid', 'liquidated', 'bad_debt', 'written_off', 'cancelled', 'closed')
              AND (l.principal + l.interest_owed + l.fee_owed + l.penalty_owed <> 0
                   OR EXISTS (SELECT FROM lending.loan_collaterals c WHERE c.loan_id = l.id AND c.quantity > 0)
                   OR EXISTS (SELECT FROM lending.loan_instalments i WHERE i.loan_id = l.id AND i.status = 'pending'))""",
    ),
    Invariant(
        "due_is_owed",
        "What instalments ask for and did not get is owed on the loan",
        f"""SELECT count(*) FROM lending.loans l
             JOIN (SELECT loan_id, sum(interest + principal - paid) AS due FROM lending.loan_instalments WHERE status = 'due' GROUP BY 1) i
               ON i.loan_id = l.id
            WHERE l.status IN {_RUNNING} AND i.due > l.principal + l.interest_owed""",
    ),
    Invariant(
        "one_sale_at_a_time",
        "A loan is being sold exactly while it has a liquidation that has not ended",
        """SELECT count(*) FROM lending.loans l
            WHERE (l.status = 'liquidating') <> EXISTS (SELECT FROM lending.liquidations q WHERE q.loan_id = l.id
                                                           AND q.status NOT IN ('done', 'shortfall'))""",
    ),
    Invariant(
        "sales_leave_nothing_behind",
        "Nothing is left on the accounts of a liquidation that has ended",
        f"""SELECT count(*) FROM {BOOK} a
            WHERE a.kind = 'liquidation' AND a.posted <> 0
              AND NOT EXISTS (SELECT FROM lending.liquidations q WHERE q.status NOT IN ('done', 'shortfall')
                                 AND starts_with(a.path, 'liquidation:' || q.id || ':'))""",
    ),
    Invariant(
        "sales_have_their_evidence",
        "No loan was sold for its price without the prices that were seen, each from at least two venues",
        """SELECT count(*) FROM lending.liquidations q LEFT JOIN lending.price_evidence e ON e.id = q.evidence_id
            WHERE q.cause = 'line' AND (e.id IS NULL OR e.loan_id <> q.loan_id OR e.to_level <> 'LIQUIDATING')""",
    ),
)
