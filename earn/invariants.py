"""What must always hold for earn, as SQL counts: the ledger's accounts beside the plans they stand for, and nothing sold twice."""

from __future__ import annotations

from kernel.invariants import Invariant
from payments.standing import BOOK

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "earn_principal_is_owed",
        "What we owe the customers of a template in the ledger is the principal of its running subscriptions",
        f"""SELECT count(*) FROM (SELECT * FROM {BOOK} b WHERE starts_with(b.path, 'earn.principal.')) book
             FULL JOIN (SELECT tenant_id, 'earn.principal.' || template_id || ':' || asset AS path, sum(principal) AS posted
                          FROM earn.subscriptions WHERE status = 'active' GROUP BY 1, 2) ours USING (tenant_id, path)
            WHERE coalesce(book.posted, 0) <> coalesce(ours.posted, 0)""",
    ),
    Invariant(
        "earn_interest_is_owed",
        "Interest owed in the ledger is what was booked as days passed, less what was paid",
        f"""SELECT count(*) FROM (SELECT * FROM {BOOK} b WHERE starts_with(b.path, 'earn.interest.')) book
             FULL JOIN (SELECT tenant_id, 'earn.interest.' || template_id || ':' || asset AS path, owed AS posted
                          FROM earn.accruals) ours USING (tenant_id, path)
            WHERE coalesce(book.posted, 0) <> coalesce(ours.posted, 0)""",
    ),
    Invariant(
        "earn_costs_are_booked",
        "What the days of all templates cost is what stands in the ledger's account of it",
        f"""SELECT count(*) FROM (SELECT tenant_id, path, -posted AS cost FROM {BOOK} b
                                   WHERE b.realm = 'REAL' AND starts_with(b.path, 'expense.earn:')) book
             FULL JOIN (SELECT c.tenant_id, 'expense.earn:' || t.asset AS path, sum(c.amount) AS cost FROM earn.costs c
                          JOIN (SELECT DISTINCT tenant_id, id, asset FROM earn.templates) t
                            ON t.tenant_id = c.tenant_id AND t.id = c.template_id GROUP BY 1, 2) ours USING (tenant_id, path)
            WHERE coalesce(book.cost, 0) <> coalesce(ours.cost, 0)""",
    ),
    Invariant(
        "plans_return_the_principal",
        "The rows of a plan bring the principal once, with the last",
        """SELECT count(*) FROM earn.subscriptions s
            WHERE s.principal <> (SELECT coalesce(sum(r.principal), 0) FROM earn.repayment_rows r
                                   WHERE r.subscription_id = s.id AND (r.principal = 0 OR r.due_date = s.maturity))""",
    ),
    Invariant(
        "plans_end_with_their_subscription",
        "A running subscription has its last row before it; an ended one has none",
        """SELECT count(*) FROM earn.subscriptions s
            WHERE (s.status = 'active') <> EXISTS (SELECT FROM earn.repayment_rows r
                                                     WHERE r.subscription_id = s.id AND r.status = 'pending')""",
    ),
    Invariant(
        "renewals_appear_once",
        "What was renewed goes on as one subscription of the same customer, from its maturity on and with no more than it paid",
        """SELECT count(*) FROM (SELECT * FROM earn.subscriptions WHERE status = 'renewed') old
             FULL JOIN (SELECT * FROM earn.subscriptions WHERE renewed_from IS NOT NULL) new ON new.renewed_from = old.id
             LEFT JOIN earn.repayment_rows r ON r.subscription_id = old.id AND r.due_date = old.maturity
            WHERE old.id IS NULL OR new.id IS NULL OR r.status IS DISTINCT FROM 'paid'
               OR (old.renewed_into, old.tenant_id, old.customer_id, old.asset) IS DISTINCT FROM
                  (new.id, new.tenant_id, new.customer_id, new.asset)
               OR new.value_date < old.maturity OR new.principal > r.principal + r.interest + r.bonus""",
    ),
    Invariant(
        "quota_is_not_oversold",
        "What is subscribed of a day is what left its stock, and never more than its quota",
        """SELECT count(*) FROM (
               SELECT i.id, i.quota, coalesce(sum(s.principal), 0) AS sold, coalesce(sum(o.qty * o.price), 0) AS bought
                 FROM earn.instances i LEFT JOIN earn.subscriptions s ON s.instance_id = i.id
                 LEFT JOIN payments.orders o ON o.order_id = s.order_id AND o.sku = i.sku GROUP BY i.id, i.quota) d
            WHERE sold > quota OR sold <> bought""",
    ),
    Invariant(
        "caps_count_what_runs",
        "What counts against a customer's cap of a template is what they have running of it",
        """SELECT count(*) FROM (SELECT tenant_id, customer_id, template_id, taken FROM earn.caps WHERE day = DATE '0001-01-01') c
             FULL JOIN (SELECT tenant_id, customer_id, template_id, sum(principal) AS running
                          FROM earn.subscriptions WHERE status = 'active' GROUP BY 1, 2, 3) s USING (tenant_id, customer_id, template_id)
            WHERE coalesce(c.taken, 0) <> coalesce(s.running, 0)""",
    ),
    Invariant(
        "earn_bonus_is_owed",
        "What coupons still owe the customers of a template in the ledger is the bonus of the pending rows of running plans",
        f"""SELECT count(*) FROM (SELECT * FROM {BOOK} b WHERE starts_with(b.path, 'earn.bonus.')) book
             FULL JOIN (SELECT s.tenant_id, 'earn.bonus.' || s.template_id || ':' || s.asset AS path, sum(r.bonus) AS posted
                          FROM earn.subscriptions s JOIN earn.repayment_rows r ON r.subscription_id = s.id
                         WHERE s.status = 'active' AND r.status = 'pending' AND r.bonus > 0 GROUP BY 1, 2) ours USING (tenant_id, path)
            WHERE coalesce(book.posted, 0) <> coalesce(ours.posted, 0)""",
    ),
    Invariant(
        "coupons_reserve_the_bonus",
        "What a subscription took of a coupon is the bonus of its plan; without a coupon there is none",
        """SELECT count(*) FROM (SELECT subscription_id, sum(bonus) AS bonus FROM earn.repayment_rows WHERE bonus > 0 GROUP BY 1) r
             FULL JOIN earn.coupon_uses u USING (subscription_id) WHERE coalesce(r.bonus, 0) <> coalesce(u.amount, 0)""",
    ),
    Invariant(
        "coupons_stay_within_their_budget",
        "What is used of a coupon's budget is what its subscriptions took and did not give back, and never more than the budget",
        """SELECT count(*) FROM earn.coupons c
             LEFT JOIN (SELECT coupon_id, sum(amount - forfeited - clawed_back) AS taken FROM earn.coupon_uses GROUP BY 1) u
               ON u.coupon_id = c.id
            WHERE c.used > c.budget OR c.used <> coalesce(u.taken, 0)""",
    ),
    Invariant(
        "coupons_are_used_as_often_as_allowed",
        "Nobody used a coupon more often than one customer may",
        """SELECT count(*) FROM (SELECT coupon_id, customer_id, count(*) AS uses FROM earn.coupon_uses GROUP BY 1, 2) u
             JOIN earn.coupons c ON c.id = u.coupon_id WHERE u.uses > c.uses_per_customer""",
    ),
)
