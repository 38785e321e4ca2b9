"""Shapes of the networks' route."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from kernel.money import DecimalString


class NetworkOut(BaseModel):
    """`confirmations` until a deposit is credited, `final_confirmations` until it may leave; `{txid}` in `explorer` is a transaction."""

    model_config = ConfigDict(from_attributes=True)

    network: str
    asset: str
    title: str
    kind: str
    deposits: bool
    withdrawals: bool
    confirmations: int
    final_confirmations: int
    memo_required: bool
    minimum_deposit: DecimalString
    minimum_withdrawal: DecimalString
    withdrawal_fee: DecimalString
    explorer: str | None
