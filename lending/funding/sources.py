"""The port to whoever gives the money. A source says whether the money moved with this transaction, or was asked for outside."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from broker.execution.children import lane_of
from kernel.calls import service as calls
from kernel.clock import wall
from kernel.db import Tx
from kernel.money import canonical
from lending.funding import queries, rules
from lending.funding.errors import FundingBusy
from lending.funding.queries import Line
from lending.funding.states import Adapter

BID, RETURN = "lending.funding_bid", "lending.funding_return"
SEND_WITHIN = timedelta(seconds=60)
"""A bid that could not be sent by then is not sent any more: somebody waits for the loan."""


class FundingSource(Protocol):
    def draw(self, tx: Tx, line: Line, *, move_id: UUID, amount: Decimal) -> bool:
        """True when the money is here; False when it was asked for, and `service.drawn` or `refused` will be told."""
        ...

    def repay(self, tx: Tx, line: Line, *, move_id: UUID, loan_id: UUID, amount: Decimal) -> bool:
        """True when it is back; False when it was sent, and `service.returned` will be told."""
        ...

    def venue(self, line: Line) -> str | None:
        """At which venue the money lies; None where it lies with the house."""
        ...


class LedgerSource:
    """A partner whose money already lies with us: drawing and repaying are entries and nothing else."""

    def draw(self, tx: Tx, line: Line, *, move_id: UUID, amount: Decimal) -> bool:  # noqa: ARG002
        return True

    def repay(self, tx: Tx, line: Line, *, move_id: UUID, loan_id: UUID, amount: Decimal) -> bool:  # noqa: ARG002
        return True

    def venue(self, line: Line) -> str | None:  # noqa: ARG002
        return None


class BitfinexSource:
    """Margin funding. A bid is known to the venue by its amount and time only, so one is under way at a time.

    What was taken for a loan is returned whole, once all its principal has come back: the venue takes no part of it.
    """

    def draw(self, tx: Tx, line: Line, *, move_id: UUID, amount: Decimal) -> bool:
        queries.lock_adapter(tx, line.adapter, line.asset)
        if queries.waits_outside(tx, line.adapter, line.asset, but=move_id):
            raise FundingBusy
        payload = {
            "move_id": str(move_id),
            "line_id": str(line.id),
            "asset": line.asset,
            "amount": canonical(amount),
            "rate": canonical(rules.daily_rate(line.rate)),
        }
        lane = lane_of(tx.tenant_id, line.adapter.value)
        calls.request(tx, lane=lane, kind=BID, ref=str(move_id), payload=payload, deadline=wall() + SEND_WITHIN)
        return False

    def repay(self, tx: Tx, line: Line, *, move_id: UUID, loan_id: UUID, amount: Decimal) -> bool:  # noqa: ARG002
        if not queries.outstanding(tx, line.id, loan_id):
            for draw, ref in queries.taken_for(tx, line.id, loan_id):
                give_back(tx, asset=line.asset, draw=draw, ref=ref, attempt=1)
        return False

    def venue(self, line: Line) -> str | None:
        return line.adapter.value


def give_back(tx: Tx, *, asset: str, draw: UUID | None, ref: str, attempt: int) -> None:
    """Ask the venue to take back what was taken under a number; `draw` None where it was never booked."""
    payload = {"draw": None if draw is None else str(draw), "asset": asset, "ref": ref, "attempt": attempt}
    lane = lane_of(tx.tenant_id, Adapter.BITFINEX.value)
    calls.request(tx, lane=lane, kind=RETURN, ref=f"{ref}:{attempt}", payload=payload)


SOURCES: dict[Adapter, FundingSource] = {Adapter.LEDGER: LedgerSource(), Adapter.BITFINEX: BitfinexSource()}
