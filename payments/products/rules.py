"""Terms of a product as weights, so that one exact split by largest remainder gives merchant, commission and fee their parts.

With fee rate f, commission rate c and merchants' weights w (sum W): fee f·W, commission c·W, merchant i (1 − f − c)·wᵢ. Nothing is
divided, so the weights are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from payments.products.states import ShareRole


@dataclass(frozen=True, slots=True)
class Share:
    role: ShareRole
    account_id: int
    weight: Decimal


def shares(
    merchants: Sequence[tuple[int, Decimal]],
    *,
    fee_rate: Decimal,
    fee_account: int,
    commission_rate: Decimal,
    commission_account: int,
) -> list[Share]:
    """Merchants first: an earlier one wins a tie about the smallest unit, the house comes last."""
    total = sum((weight for _, weight in merchants), Decimal(0))
    net = 1 - fee_rate - commission_rate
    found = [Share(ShareRole.MERCHANT, account, weight * net) for account, weight in merchants]
    found.append(Share(ShareRole.COMMISSION, commission_account, commission_rate * total))
    found.append(Share(ShareRole.FEE, fee_account, fee_rate * total))
    return [share for share in found if share.weight > 0]
