"""What the custodian says its wallets hold, read now and then: all of a network is the house's, the hot wallet's is what can be paid."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from uuid import UUID

from pydantic import ValidationError

from kernel import db
from wallet_bridge.custody.client import Client, CustodianAway, CustodianRefuses
from wallet_bridge.funds import service as funds
from wallet_bridge.wire.schemas import BalancesOut

EVERY_S = 30.0


async def read(client: Client, tenant: UUID) -> None:
    """Raises: CustodianAway."""
    try:
        told = BalancesOut.model_validate(await client.get("/v1/balances"))
    except CustodianRefuses as error:
        raise CustodianAway(f"GET /v1/balances: {error.code}") from None
    except ValidationError:
        raise CustodianAway("GET /v1/balances: not as agreed") from None
    await asyncio.to_thread(store, tenant, told)


def store(tenant: UUID, told: BalancesOut) -> None:
    """Each network as one wallet. Deposits that are not swept yet and cold funds are owned and cannot be paid out."""
    total: dict[str, dict[str, Decimal]] = {}
    free: dict[str, dict[str, Decimal]] = {}
    nothing = Decimal(0)
    for item in told.items:
        owned, payable = total.setdefault(item.network, {}), free.setdefault(item.network, {})
        owned[item.asset] = owned.get(item.asset, nothing) + item.confirmed
        ready = max(item.confirmed - item.pending_out, nothing) if item.wallet == "hot" else nothing
        payable[item.asset] = payable.get(item.asset, nothing) + ready
    with db.transaction(tenant=tenant) as tx:
        for network, owned in sorted(total.items()):
            funds.report_wallet(tx, network, owned, free=free[network])
