"""Addresses on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from kernel.money import DecimalString
from wallet_bridge.deposit_addresses.service import AddressView


class DepositAddressOut(BaseModel):
    """Where to send this asset to; `address` is there once `status` is `ready`, with the `memo` of a network that tells owners apart by it.

    Below `minimum` nothing is credited; from `confirmations` on it may be traded.
    """

    asset: str
    network: str
    address: str | None
    memo: str | None
    status: Literal["preparing", "ready"]
    minimum: DecimalString
    confirmations: int
    created_at: datetime


def shown(view: AddressView) -> DepositAddressOut:
    return DepositAddressOut(
        asset=view.offer.asset, network=view.offer.network, address=view.row.address, memo=view.row.memo,
        status="ready" if view.ready else "preparing", minimum=view.offer.minimum_deposit, confirmations=view.offer.confirmations,
        created_at=view.row.created_at,
    )  # fmt: skip
