"""What the custodian says of treasury's transfers out of its wallets. It may come twice, late and in another order.

It has left once a block has it: from then on the wallet's own balance says so too.
"""

from __future__ import annotations

from decimal import Decimal
from typing import get_args

from kernel import log
from kernel.db import Tx
from venues.moves import MoveState, WithdrawalReport
from wallet_bridge.custody.refs import Ref
from wallet_bridge.moves import queries, service
from wallet_bridge.moves.queries import Transfer
from wallet_bridge.moves.states import TransferState
from wallet_bridge.wire import states as wire
from wallet_bridge.wire.schemas import TransferOut

_W = wire.TransferState
_IN_A_BLOCK = frozenset({_W.CONFIRMING, _W.FINAL})
_STATE: dict[_W, MoveState] = {_W.FINAL: "done", _W.FAILED: "failed", _W.CANCELLED: "failed"}
assert set(_STATE.values()) <= set(get_args(MoveState))
_log = log.get("treasury")


class Payments:
    """The listener for references of treasury (`wallet_bridge.custody.listeners.Transfers`)."""

    def seen(self, tx: Tx, ref: Ref, transfer: TransferOut) -> None:
        if transfer.fee_cap == 0:
            return  # the stone that people's question puts under a reference: it pays nothing and says nothing of the transfer
        row = queries.lock(tx, ref.id)
        if row is None or not same(row, transfer):
            # Nothing is booked by what cannot be; it is told as late, and people look.
            _log.error("treasury_payment_contradicted", ref=str(ref), state=transfer.state.value, known=row is not None)
            return
        gone = transfer.state in _IN_A_BLOCK
        report = WithdrawalReport(
            venue_ref=str(transfer.id), state=_STATE.get(transfer.state, "pending"), amount=transfer.amount if gone else None,
            fee=Decimal(0) if gone else None, txid=transfer.txid,
        )  # fmt: skip
        service.seen(tx, row.id, report, reason=transfer.reason or transfer.state.value)

    def refused(self, tx: Tx, ref: Ref, code: str, text: str) -> None:
        _log.warning("treasury_payment_refused", transfer=str(ref.id), code=code, text=text)
        service.refused(tx, ref.id, to=TransferState.FAILED, reason=code)

    def unanswered(self, tx: Tx, ref: Ref, *, manual: bool = False) -> None:
        service.unanswered(tx, ref.id)
        if manual:
            service.tell_late(tx, ref.id)

    def expired(self, tx: Tx, ref: Ref, reason: str) -> None:  # noqa: ARG002  it was never sent, whatever kept it
        service.refused(tx, ref.id, to=TransferState.FAILED, reason="not_sent_in_time")

    def not_cancelled(self, tx: Tx, ref: Ref, code: str) -> None:  # noqa: ARG002  it goes on
        _log.info("treasury_payment_not_cancelled", transfer=str(ref.id), code=code)


def same(row: Transfer, told: TransferOut) -> bool:
    """Whether the custodian's is the one that we asked for."""
    asked = (row.amount, row.asset, row.network, row.address.casefold(), row.memo)
    return asked == (told.amount, told.asset, told.network, told.address.casefold(), told.memo)
