"""The call of a treasury transfer: one withdrawal at a venue, sent once, ever; what is unknown is looked up in the venue's history."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from kernel import db
from kernel.calls import outcomes
from kernel.calls.lane import Resolving
from kernel.calls.outcomes import Answer, Call, Done, Expired, NotPlaced, Outcome, Refused
from kernel.db import Tx
from kernel.settings import settings
from venues import gateway as venues
from venues.moves import Withdraw, WithdrawalReport, Withdrawals
from wallet_bridge.moves import queries, service
from wallet_bridge.moves.states import TransferState

RESOLVING = Resolving(guard_s=1800, negatives=5, every_s=15, manual_after_s=3600, answer_s=30)
"""A venue may take minutes until its history shows what it has taken; a wrong "it is not there" would send it twice."""


class WithdrawCalls:
    def __init__(self, desk: Withdrawals) -> None:
        self._desk = desk

    def ready(self) -> bool:
        return self._desk.ready()

    async def send(self, call: Call) -> Outcome:
        answer = await self._desk.withdraw(_wish(call))
        match answer:
            case WithdrawalReport():
                return Done(answer)
            case venues.Refused():
                return Refused(answer.code, answer.text, answer.never_sent)
            case venues.Unknown():
                return outcomes.Unknown(answer.text)

    async def ask(self, call: Call) -> Answer:
        known, others = _known(call)
        found = await self._desk.find(_wish(call), venue_ref=known, not_these=others)
        match found:
            case WithdrawalReport():
                return Done(found)
            case venues.Absent():
                # One that the venue has named to us is not absent, whatever a list says.
                return outcomes.Absent(found.authoritative and known is None)
            case venues.AskFailed():
                return outcomes.Unknown(found.text)

    def apply(self, tx: Tx, call: Call, outcome: Outcome) -> float | None:
        transfer_id = UUID(call.payload["transfer"])
        match outcome:
            case Done(result):
                again = service.seen(tx, transfer_id, result)
                return None if again is None else again * settings().resolver_scale
            case Refused(code):
                service.refused(tx, transfer_id, to=TransferState.FAILED, reason=code)
            case NotPlaced():
                service.refused(tx, transfer_id, to=TransferState.NOT_PLACED, reason="not_placed")
            case Expired():
                service.refused(tx, transfer_id, to=TransferState.FAILED, reason="not_sent_in_time")
            case outcomes.Unknown():
                service.unanswered(tx, transfer_id)
        return None


def _wish(call: Call) -> Withdraw:
    said = call.payload
    return Withdraw(
        ref=said["ref"], asset=said["asset"], network=said["network"], amount=Decimal(said["amount"]), fee=Decimal(said["fee"]),
        address=said["address"], memo=said["memo"], key=said["key"], sent_at=call.sent_at or call.created_at,
    )  # fmt: skip


def _known(call: Call) -> tuple[str | None, list[str]]:
    """The venue's number of this withdrawal, and those of others."""
    transfer_id = UUID(call.payload["transfer"])
    with db.read_only(tenant=call.tenant) as tx:
        row = queries.get(tx, transfer_id)
        others = queries.refs_of_others(tx, source=call.payload["source"], but=transfer_id)
    return (row.venue_ref if row is not None else None), others
