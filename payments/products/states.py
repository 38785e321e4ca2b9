"""Words of products: who receives a part of a payment."""

from __future__ import annotations

from enum import StrEnum


class ShareRole(StrEnum):
    MERCHANT = "merchant"
    COMMISSION = "commission"
    FEE = "fee"
