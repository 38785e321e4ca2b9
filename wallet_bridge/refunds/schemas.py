"""Payments back to senders on the wire."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from wallet_bridge.refunds.service import Wish


class DepositRefundIn(BaseModel):
    """Where it goes back to, on its own network, and why: those who decide read it, and its customer does not."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    address: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[!-~]+$")]
    memo: Annotated[str | None, Field(min_length=1, max_length=64, pattern=r"^[!-~]+$")] = None
    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]

    def wish(self) -> Wish:
        return Wish(address=self.address, memo=self.memo, reason=self.reason)
