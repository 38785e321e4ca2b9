"""What customers of earn are owed, for the proof of reserves: the principal of what runs.

Interest counts once it is paid: until then the books owe it to all customers of a template together.
"""

from __future__ import annotations

from wallet_bridge.reserves.claims import Claim

PRINCIPAL = Claim(
    sql="""SELECT customer_id, asset, sum(principal) AS amount FROM earn.subscriptions
            WHERE tenant_id = :tenant AND status = 'active' GROUP BY customer_id, asset""",
    prefix="earn.principal.",
)
