"""The call kind `venues.place`: how a child is sent and asked about, written against the gateway's protocol.

The engine hands in the gateway of the lane; nothing here knows a client library.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

from broker.execution import service
from kernel.calls import outcomes
from kernel.calls.outcomes import Answer, Call, Outcome
from kernel.clock import wall
from kernel.db import Tx, assert_no_transaction
from venues import gateway as venues


class PlaceCalls:
    """`reroute` plans what remains of an order whose children came to too little; `ready` is the venue's breaker."""

    def __init__(
        self, gateway: venues.VenueGateway, *, reroute: service.Reroute, ready: Callable[[], bool] = lambda: True
    ) -> None:
        self._gateway, self._reroute, self._ready = gateway, reroute, ready

    def ready(self) -> bool:
        return self._ready()

    async def send(self, call: Call) -> Outcome:
        assert_no_transaction()
        answer = await self._gateway.place(
            venues.PlaceOrder(
                symbol=call.payload["symbol"],
                side=call.payload["side"],
                quantity=Decimal(call.payload["quantity"]),
                limit_price=Decimal(call.payload["limit_price"]),
                coid_number=call.payload["coid_number"],
                sent_at=call.sent_at or wall(),
            )
        )
        match answer:
            case venues.Placed(report):
                return outcomes.Done(report)
            case venues.Refused():
                code = "insufficient_funds" if answer.insufficient_funds else answer.code
                return outcomes.Refused(code, answer.text, answer.never_sent)
            case venues.Unknown():
                return outcomes.Unknown(answer.text)

    async def ask(self, call: Call) -> Answer:
        assert_no_transaction()
        answer = await self._gateway.ask(
            coid_number=call.payload["coid_number"],
            symbol=call.payload["symbol"],
            sent_at=call.sent_at or call.created_at,
        )
        match answer:
            case venues.Found(report):
                return outcomes.Done(report)
            case venues.Absent(authoritative):
                return outcomes.Absent(authoritative)
            case venues.AskFailed():
                return outcomes.Unknown(answer.text)

    def apply(self, tx: Tx, call: Call, outcome: Outcome) -> float | None:
        return service.apply(
            tx,
            order_id=UUID(call.payload["order_id"]),
            child_id=UUID(call.payload["child_id"]),
            outcome=outcome,
            reroute=self._reroute,
        )
