"""People say what became of a transfer out of a wallet that the custodian says nothing of: two of them, and the custodian is asked first.

From the second person's yes on nothing more is sent under the transfer's reference. The approval stays granted until the custodian has
answered: whatever moves the transfer meanwhile makes it void, and so does another proposal. Nothing is free again before the custodian
can never pay it, which silence does not say; that it left may be booked on the word of two people when the custodian is silent for long.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from identity.approvals import service as approvals
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.permissions import Permission
from kernel import commands
from kernel.db import Tx
from kernel.money import canonical
from wallet_bridge.custody import service as custody
from wallet_bridge.custody.refs import Ref, RefKind
from wallet_bridge.moves import errors, paying, places, queries, service, sources
from wallet_bridge.moves.queries import Transfer
from wallet_bridge.moves.states import TransferState, TreasuryVerdict
from wallet_bridge.wire import states as wire
from wallet_bridge.wire.schemas import TransferOut

KIND = service.DECISION_KIND
_TO_DECIDE = timedelta(days=7)
_S = TransferState
_UNPAID = frozenset({wire.TransferState.FAILED, wire.TransferState.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`txid` names the transaction of one that left."""

    transfer_id: UUID
    verdict: TreasuryVerdict
    txid: str | None
    evidence: str


# What people do ------------------------------------------------------------------------------------------------------------------


def ask(*, tenant: UUID, actor: UUID, wish: Wish, key: str | None) -> UUID:
    """Ask a second person; answers the approval. An older proposal is void from now on.

    Raises:
        TreasuryTransferNotFound, TreasuryTransferNotOpen
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        row = queries.lock(tx, wish.transfer_id)
        if row is None:
            raise errors.TreasuryTransferNotFound
        if not may_be(row):
            raise errors.TreasuryTransferNotOpen(state=row.state.value)
        approval_id = approvals.request(
            tx, _subject(row, wish.verdict.value, wish.txid, wish.evidence), maker=actor, permission=Permission.TREASURY_APPROVE,
            read_permission=Permission.TREASURY_READ, expires_in=_TO_DECIDE,
        )  # fmt: skip
        audit.about(tx, transfer=str(row.id), verdict=wish.verdict.value, txid=wish.txid, evidence=wish.evidence)
        return "approval", approval_id

    body = {
        "id": str(wish.transfer_id), "verdict": wish.verdict.value, "txid": wish.txid, "evidence": wish.evidence
    }  # fmt: skip
    return commands.run(
        tenant=tenant, principal=actor, route="POST /v1/treasury/transfers/{id}/decisions", key=key,
        fingerprint=commands.fingerprint(body), fn=fn,
    ).id  # fmt: skip


def may_be(row: Transfer) -> bool:
    """A venue's history is asked until it proves something; the custodian has only its word."""
    return row.state is _S.UNKNOWN and row.late_at is not None and places.is_wallet(row.source)


def _subject(row: Transfer, verdict: str, txid: str | None, evidence: str) -> Subject:
    """What a second person agrees to; a transfer that has moved on is another one."""
    summary = {
        "from": row.source, "to": row.destination, "asset": row.asset, "network": row.network, "amount": canonical(row.amount),
        "address": row.address, "memo": row.memo, "state": row.state.value, "verdict": verdict, "txid": txid, "evidence": evidence,
    }  # fmt: skip
    return Subject(kind=KIND, resource_id=row.id, summary=summary)


# What the engine does ------------------------------------------------------------------------------------------------------------


def ask_custodian(tx: Tx, *, transfer_id: UUID, approval_id: UUID) -> None:
    """A second person agreed: from now on nothing is sent, and the custodian is asked what it knows. Step of the engine."""
    row = queries.lock(tx, transfer_id)
    said = approvals.asked(tx, approval_id) if row is not None else None
    if row is None or said is None or _still(tx, row, approval_id, said) is None:
        return
    question = Ref(RefKind.DECISION, tx.tenant_id, approval_id)
    if not custody.ask_what_is_known(tx, sources.wanted(tx, row), decision=question):
        approvals.failed(tx, approval_id, reason=errors.TreasuryTransferNotOpen.code)
        return
    queries.change(tx, row, None, deciding=approval_id)


class Decisions:
    """Hears what the custodian knows (`wallet_bridge.custody.listeners.Lookups`); what others ask is none of ours."""

    def found(self, tx: Tx, ref: Ref, transfer: TransferOut) -> None:
        row = queries.deciding(tx, ref.id)
        if row is None:
            return
        if paying.same(row, transfer):
            # It is this very payment, and what became of it counts, whatever people thought: it makes the approval void.
            paying.Payments().seen(tx, sources.ref(tx, row), transfer)
            _end(tx, row.id, ref.id)
            return
        said = approvals.asked(tx, ref.id)
        if said is None:
            return
        paid = transfer.state is wire.TransferState.FINAL and _bare(transfer.txid) == _bare(said.summary["txid"])
        if paid if said.summary["verdict"] == TreasuryVerdict.PAID else transfer.state in _UNPAID:
            _carry_out(tx, row, ref.id, to=_S.FAILED, told=transfer.state.value)
        else:
            _end(tx, row.id, ref.id)

    def absent(self, tx: Tx, ref: Ref) -> None:
        row = queries.deciding(tx, ref.id)
        if row is not None:
            _carry_out(tx, row, ref.id, to=_S.NOT_PLACED, told="absent")

    def silent(self, tx: Tx, ref: Ref) -> None:
        row = queries.deciding(tx, ref.id)
        said = approvals.asked(tx, ref.id) if row is not None else None
        if row is not None and said is not None and said.summary["verdict"] == TreasuryVerdict.PAID:
            _carry_out(tx, row, ref.id, to=_S.IN_TRANSIT, told="silent")


def _carry_out(tx: Tx, row: Transfer, approval_id: UUID, *, to: TransferState, told: str) -> None:
    """As two people said; `to`: where it did not leave."""
    said = approvals.asked(tx, approval_id)
    checker = None if said is None else _still(tx, row, approval_id, said)
    if said is None or checker is None:
        return
    if said.summary["verdict"] == TreasuryVerdict.PAID:
        to = _S.IN_TRANSIT
        service.left_as_people_say(tx, row, txid=said.summary["txid"])
    else:
        service.refused(tx, row.id, to=to, reason="decided_by_people")
    audit.record(
        tx, "treasury_decision.carried_out", kind="treasury_transfer", resource=row.id, actor=checker, before={"state": row.state},
        after={"state": to, "verdict": said.summary["verdict"], "txid": said.summary["txid"], "told": told},
        reason=said.summary["evidence"],
    )  # fmt: skip
    approvals.carried_out(tx, approval_id)


def _end(tx: Tx, transfer_id: UUID, approval_id: UUID) -> None:
    """The custodian knows better, or otherwise. Where the transfer moved by it the approval is void."""
    row, said = queries.lock(tx, transfer_id), approvals.asked(tx, approval_id)
    if row is not None and said is not None and _still(tx, row, approval_id, said) is not None:
        approvals.failed(tx, approval_id, reason=errors.TreasuryTransferNotOpen.code)


def _still(tx: Tx, row: Transfer, approval_id: UUID, said: Subject) -> UUID | None:
    """Who agreed, if the transfer is still what was agreed to."""
    summary = said.summary
    return approvals.granted(
        tx, approval_id, _subject(row, summary["verdict"], summary["txid"], summary["evidence"])
    )  # fmt: skip


def _bare(txid: str | None) -> str:
    return (txid or "").lower().removeprefix("0x")
