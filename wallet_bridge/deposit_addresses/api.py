"""A customer's addresses over HTTP. The first time it waits a moment for the custodian, without holding a thread or a transaction."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from identity.auth import Principal, requires
from identity.eligibility.errors import NotEligible
from identity.permissions import Permission
from identity.principals.states import Kind
from kernel.errors import Forbidden
from kernel.http import problem_responses
from kernel.settings import settings
from payments.errors import AccountClosed, AccountFrozen
from wallet_bridge.custody.errors import WalletNotConfigured
from wallet_bridge.deposit_addresses import service
from wallet_bridge.deposit_addresses.errors import DepositAddressRefused, DepositsClosed
from wallet_bridge.deposit_addresses.schemas import DepositAddressOut, shown
from wallet_bridge.deposit_addresses.service import AddressView
from wallet_bridge.networks.errors import NetworkUnknown

router = APIRouter(prefix="/v1/deposit-addresses", tags=["wallet"])
_LOOK_EVERY_S = 0.1


@router.get(
    "",
    responses={
        202: {"model": DepositAddressOut, "description": "The custodian is making it; ask again."},
        **problem_responses(
            WalletNotConfigured, NetworkUnknown, DepositsClosed, DepositAddressRefused, NotEligible, AccountFrozen, AccountClosed
        ),
    },
)  # fmt: skip
async def deposit_address(
    asset: Annotated[str, Query(min_length=1, max_length=32)],
    network: Annotated[str, Query(min_length=1, max_length=32)],
    response: Response,
    principal: Annotated[Principal, requires(Permission.DEPOSITS_READ)],
) -> DepositAddressOut:
    """Your address on a network, the same one for ever and for every asset of the network; the first request has it made."""
    if principal.kind is not Kind.CUSTOMER or principal.realm != "REAL":
        raise Forbidden
    view = await asyncio.to_thread(service.ask, principal.tenant_id, principal.id, network=network, asset=asset)
    view = await _ready(principal.tenant_id, view)
    response.status_code = 200 if view.ready else 202
    return shown(view)


async def _ready(tenant: UUID, view: AddressView) -> AddressView:
    clock = asyncio.get_running_loop()
    until = clock.time() + settings().outcome_wait_s
    while not view.ready and clock.time() < until:
        await asyncio.sleep(_LOOK_EVERY_S)
        view = await asyncio.to_thread(service.look, tenant, view)
    return view
