"""What may leave the demo's house without a person: there from its first minute, so that its small withdrawals pass by themselves.

A house has no limits until two people wish for some and a day has passed, and the database holds everybody to that. Only the superuser of
the demo's own server gets past it, and only while the policy is the one that the house began with.
"""

from __future__ import annotations

import json
from uuid import UUID

from identity.tenants.states import Limit
from kernel.embedded import DATABASE, Postgres

LIMITS = {
    Limit.WITHDRAWAL_SINGLE: "50000",
    Limit.WITHDRAWAL_DAY: "100000",
    Limit.WITHDRAWAL_UNREVIEWED: "2000",
    Limit.WITHDRAWAL_NEW_ADDRESS: "1000",
}


def ensure(postgres: Postgres, tenant: UUID) -> None:
    """In USDT. A policy that people have changed stays theirs."""
    with postgres.admin(DATABASE) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "UPDATE identity.policies SET limits = %s WHERE tenant_id = %s AND version = 1 AND limits = '{}'",
            [json.dumps(LIMITS), tenant],
        )
