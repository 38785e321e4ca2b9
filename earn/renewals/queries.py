"""One function, one statement on what is to be renewed and what was."""

from __future__ import annotations

from uuid import UUID

from earn.templates.states import Renewal
from kernel.db import Tx


def choose(tx: Tx, subscription_id: UUID, renewal: Renewal) -> None:
    tx.execute(
        "UPDATE earn.subscriptions SET renewal = :renewal WHERE tenant_id = :tenant AND id = :id AND status = 'active'",
        tenant=tx.tenant_id, id=subscription_id, renewal=renewal.value,
    )  # fmt: skip
