"""What the custodian says of payments out of the cold wallet: twice, late, in another order; what ended is not moved again."""

from __future__ import annotations

from typing import Any

from identity.audit import service as audit
from kernel import log, outbox
from kernel.db import Tx
from wallet_bridge.cold import queries, service
from wallet_bridge.cold.events import ColdSpendDrafted
from wallet_bridge.cold.record import Spend
from wallet_bridge.cold.states import ENDED, REPORTED, SPEND, SignatureState, SpendState
from wallet_bridge.custody.refs import Ref
from wallet_bridge.wire.schemas import ColdOut, TransferOut

_S = SpendState
_LONGEST = 500
_log = log.get("cold")


class Spends:
    """The listener for references of cold spends: `listeners.Transfers` and `listeners.Cold`."""

    def seen(self, tx: Tx, ref: Ref, transfer: TransferOut) -> None:
        spend = _locked(tx, ref)
        if spend is None or (spend.reported_at is not None and transfer.updated_at < spend.reported_at):
            return
        to = REPORTED.get(transfer.state)
        if spend.state in ENDED or (to is not None and to is not spend.state and to not in SPEND.moves[spend.state]):
            if to not in {None, spend.state}:
                _log.error(
                    "cold_spend_contradicted", spend=str(spend.id), state=spend.state.value, told=transfer.state.value
                )
            return
        _move(tx, spend, to, transfer)

    def refused(self, tx: Tx, ref: Ref, code: str, text: str) -> None:
        """Before anything was drafted."""
        spend = _locked(tx, ref)
        if spend is not None and spend.state is _S.ASKED:
            _log.warning("cold_spend_refused", spend=str(spend.id), code=code, text=text)
            service.end(tx, spend, _S.REFUSED, reason=f"{code}: {text}"[:_LONGEST])

    def unanswered(self, tx: Tx, ref: Ref, *, manual: bool = False) -> None:
        """It is asked for until somebody knows: nothing is reserved by it, and nothing leaves without its holders."""

    def expired(self, tx: Tx, ref: Ref, reason: str) -> None:
        spend = _locked(tx, ref)
        if spend is not None and spend.state is _S.ASKED:
            service.end(tx, spend, _S.REFUSED, reason=reason)

    def not_cancelled(self, tx: Tx, ref: Ref, code: str) -> None:
        spend = _locked(tx, ref)
        _log.info("cold_spend_not_cancelled", spend=str(ref), state=spend and spend.state.value, code=code)

    def drafted(self, tx: Tx, ref: Ref, draft: ColdOut, *, seq: int) -> None:
        """What its holders are asked to sign, and who has; kept as told, and held against the row whenever it is shown."""
        spend = _locked(tx, ref)
        if spend is None or spend.state in ENDED or (spend.draft_seq is not None and seq <= spend.draft_seq):
            return
        queries.set_draft(tx, spend, draft.model_dump(mode="json"), seq=seq)
        if spend.state is _S.ASKED:
            queries.change(tx, spend, _S.DRAFTED, reason=None)
            audit.record(
                tx, "cold_spend.drafted", kind="cold_spend", resource=spend.id, after={"digest": draft.digest, "kind": draft.kind}
            )  # fmt: skip
            fact = ColdSpendDrafted(
                spend.id, spend.network, spend.asset, spend.amount, draft.digest, draft.needed
            )  # fmt: skip
            outbox.publish(tx, fact, key=str(spend.id))

    def cosigned(self, tx: Tx, signature: Ref, *, refused: str | None) -> None:
        """The answer to a signature that was handed in."""
        to = SignatureState.COUNTED if refused is None else SignatureState.REFUSED
        found = queries.end_signature(tx, signature.id, to, reason=refused and refused[:_LONGEST])
        if found is not None:
            audit.record(
                tx, f"cold_signature.{to.value}", kind="cold_spend", resource=found.spend_id, after={"signature": str(signature.id)}
            )  # fmt: skip


def _locked(tx: Tx, ref: Ref) -> Spend | None:
    spend = queries.get(tx, ref.id, lock=True)
    if spend is None:
        _log.error("cold_spend_unheard_of", ref=str(ref))
    return spend


def _move(tx: Tx, spend: Spend, to: SpendState | None, transfer: TransferOut) -> None:
    facts: dict[str, Any] = {
        "txid": transfer.txid, "confirmations": transfer.confirmations, "reported_at": transfer.updated_at, "address": transfer.address,
    }  # fmt: skip
    if to is not None and to is not spend.state:
        audit.record(
            tx, f"cold_spend.{to.value}", kind="cold_spend", resource=spend.id, before={"state": spend.state}, after={"state": to}
        )  # fmt: skip
    reason = transfer.reason[:_LONGEST] if transfer.reason else None
    if to in ENDED and to is not None:
        service.end(tx, spend, to, reason=reason, **facts)
    else:
        queries.change(tx, spend, to, reason=reason, **facts)
