"""The kinds of call of margin funding: how a bid and a return are sent and asked about. Only the engine gives them a venue to talk to.

bid sent ──all of it taken──▶ drawn      ──rests──▶ asked again, cancelled after `PATIENCE_S`, what came of it returned ──▶ refused
return sent ──no longer taken──▶ the loan's repayments are booked
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from kernel import db, log
from kernel.calls import outcomes
from kernel.calls.outcomes import Answer, Call, Done, Expired, NotPlaced, Outcome, Refused
from kernel.clock import wall
from kernel.db import Tx
from lending.funding import queries, service, sources
from lending.funding.states import MoveStatus
from venues import gateway as venues
from venues.bitfinex_funding import Bid

PATIENCE_S, AGAIN_S, MOST_ATTEMPTS = 60.0, 2.0, 5
_log = log.get("lending.funding")


class Desk(Protocol):
    def ready(self) -> bool: ...

    async def bid(self, *, asset: str, amount: Decimal, rate: Decimal) -> Bid | venues.Refused | venues.Unknown: ...

    async def find(
        self, *, asset: str, amount: Decimal, rate: Decimal, sent_at: Any, not_these: Any
    ) -> Bid | venues.Absent | venues.AskFailed: ...

    async def cancel(self, bid_id: str) -> None: ...

    async def give_back(self, ref: str) -> venues.Refused | venues.Unknown | None: ...

    async def is_back(self, *, asset: str, ref: str) -> bool | venues.AskFailed: ...


class BidCalls:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def ready(self) -> bool:
        return self._desk.ready()

    async def send(self, call: Call) -> Outcome:
        answer = await self._desk.bid(
            asset=call.payload["asset"], amount=Decimal(call.payload["amount"]), rate=Decimal(call.payload["rate"])
        )
        return _outcome(answer)

    async def ask(self, call: Call) -> Answer:
        """What became of the bid; one that has rested long enough is cancelled first, and its end is the answer of the next question."""
        found = await self._desk.find(
            asset=call.payload["asset"],
            amount=Decimal(call.payload["amount"]),
            rate=Decimal(call.payload["rate"]),
            sent_at=call.sent_at or call.created_at,
            not_these=_bids_of_others(call),
        )
        if isinstance(found, venues.Absent):
            return outcomes.Absent(found.authoritative)
        if isinstance(found, venues.AskFailed):
            return outcomes.Unknown(found.text)
        waited = (wall() - (call.sent_at or call.created_at)).total_seconds()
        if found.status == "open" and waited > PATIENCE_S:
            await self._desk.cancel(found.id)
        return Done(found)

    def apply(self, tx: Tx, call: Call, outcome: Outcome) -> float | None:
        move_id = UUID(call.payload["move_id"])
        match outcome:
            case Done(result):
                return _became(tx, call, move_id, result)
            case Refused() | NotPlaced() | Expired():
                service.refused(tx, move_id)
            case outcomes.Unknown():
                service.not_known(tx, move_id)
        return None


class ReturnCalls:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def ready(self) -> bool:
        return self._desk.ready()

    async def send(self, call: Call) -> Outcome:
        answer = await self._desk.give_back(call.payload["ref"])
        match answer:
            case None:
                return Done({"ref": call.payload["ref"]})
            case venues.Refused():
                return Refused(answer.code, answer.text, answer.never_sent)
            case venues.Unknown():
                return outcomes.Unknown(answer.text)

    async def ask(self, call: Call) -> Answer:
        back = await self._desk.is_back(asset=call.payload["asset"], ref=call.payload["ref"])
        if isinstance(back, venues.AskFailed):
            return outcomes.Unknown(back.text)
        return Done({"ref": call.payload["ref"]}) if back else outcomes.Absent(True)

    def apply(self, tx: Tx, call: Call, outcome: Outcome) -> float | None:
        """A return that certainly did not happen is asked for anew, a few times; then a person is called."""
        if isinstance(outcome, outcomes.Unknown):
            return None
        draw, ref, attempt = call.payload["draw"], call.payload["ref"], call.payload["attempt"]
        if isinstance(outcome, Done):
            if draw is not None:
                service.returned(tx, UUID(draw), ref)
        elif attempt < MOST_ATTEMPTS:
            sources.give_back(
                tx, asset=call.payload["asset"], draw=None if draw is None else UUID(draw), ref=ref, attempt=attempt + 1
            )
        else:
            _log.error("funding_not_returned", ref=ref, attempts=attempt)
        return None


def _became(tx: Tx, call: Call, move_id: UUID, bid: Bid) -> float | None:
    """All of it: drawn. Nothing more will come: what came goes back, and the loan hears that there is no money. Else it is asked again."""
    move = queries.move(tx, move_id)
    gone = (
        move is not None and move.status is MoveStatus.REFUSED
    )  # it turned up after the loan was told that it would not come
    if bid.status == "taken" and not gone:
        service.taken(tx, move_id, bid_ref=bid.id, taken_refs=bid.refs)
        service.drawn(tx, move_id)
        return None
    if bid.status == "open":
        return AGAIN_S
    service.taken(tx, move_id, bid_ref=bid.id, taken_refs=())
    service.refused(tx, move_id)
    for ref in bid.refs:
        sources.give_back(tx, asset=call.payload["asset"], draw=None, ref=ref, attempt=1)
    return None


def _outcome(answer: Bid | venues.Refused | venues.Unknown) -> Outcome:
    match answer:
        case Bid():
            return Done(answer)
        case venues.Refused():
            return Refused(answer.code, answer.text, answer.never_sent)
        case venues.Unknown():
            return outcomes.Unknown(answer.text)


def _bids_of_others(call: Call) -> list[str]:
    with db.read_only(tenant=call.tenant) as tx:
        return queries.bids_of(tx, UUID(call.payload["line_id"]))
