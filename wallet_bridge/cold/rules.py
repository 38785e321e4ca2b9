"""Whether what the custodian asks the holders to sign is what two people agreed to.

The custodian reads its drafts out of their bytes and holds them against its own row; this is the other half: nobody here hands a signature
to a draft that says anything else than our row, whatever the custodian believes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

from kernel.money import fits_scale
from wallet_bridge.cold.record import Spend
from wallet_bridge.wire.schemas import ColdOut

_CALL = 0
_NOBODY = "0x" + "0" * 40


def amount_fits(amount: Decimal, scale: int) -> bool:
    return amount > 0 and fits_scale(amount, scale)


def differences(spend: Spend, draft: ColdOut) -> list[str]:
    """In what it differs, in words for people; nothing: it may be signed."""
    return [*_of_words(spend, draft), *(_of_typed_data(draft) if draft.kind == "safe" else ())]


def _of_words(spend: Spend, draft: ColdOut) -> Iterator[str]:
    paid = [one for one in draft.pays if not one.change]
    if (draft.network, draft.asset) != (spend.network, spend.asset):
        yield f"it pays {draft.asset} on {draft.network}"
    if len(paid) != 1 or paid[0].amount != spend.amount:
        yield "it pays " + (", ".join(f"{one.amount} to {one.address}" for one in paid) or "nobody")
    elif spend.address is not None and paid[0].address.casefold() != spend.address.casefold():
        yield f"it pays {paid[0].address}"
    if any(one.change and one.address.casefold() != draft.wallet.casefold() for one in draft.pays):
        yield "its change goes to another address than the cold wallet"
    if draft.fee is not None and draft.fee > spend.fee_cap:
        yield f"its fee is {draft.fee}"
    if spend.drafted_as is not None and spend.drafted_as != draft.digest:
        yield f"it was another payment before: {spend.drafted_as}"
    if draft.needed < 2 or draft.needed > len(draft.holders):
        yield f"{draft.needed} of {len(draft.holders)} holders are enough for it"


def _of_typed_data(draft: ColdOut) -> Iterator[str]:
    """What a Safe's holders sign is this JSON: a plain call, nothing for anybody else, out of this very Safe."""
    try:
        told = json.loads(draft.to_sign)
        message, safe = told["message"], str(told["domain"]["verifyingContract"])
        plain = int(message["operation"]) == _CALL and all(
            int(message[name]) == 0 for name in ("safeTxGas", "baseGas", "gasPrice")
        )
        for_nobody = all(str(message[name]).casefold() == _NOBODY for name in ("gasToken", "refundReceiver"))
        nonce = int(message["nonce"])
    except (ValueError, KeyError, TypeError):
        yield "what is to be signed cannot be read"
        return
    if safe.casefold() != draft.wallet.casefold():
        yield f"it is signed for another wallet: {safe}"
    if not plain or not for_nobody:
        yield "it is more than a plain payment"
    if nonce != draft.nonce:
        yield f"it is signed under the number {nonce}"
