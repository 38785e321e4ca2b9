"""The calls of webhook lanes. The receiver knows an event by its id, so here, and only here, to ask is to send again under the same id."""

from __future__ import annotations

import asyncio
from typing import TypedDict
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from kernel import log
from kernel.calls.lane import Resolving
from kernel.calls.outcomes import Answer, Call, Done, Expired, NotPlaced, Refused, Unknown
from kernel.db import Tx
from kernel.errors import DomainError
from notices.webhooks import service
from notices.webhooks.posting import TOTAL_S, NotDelivered, Post

AT_ONCE = 4
GIVEN_UP = "given_up"
# When to ask again is decided in business time by the delivery; the lane's own clock is only for what a dead owner left behind.
RESOLVING = Resolving(guard_s=0, every_s=86_400, manual_after_s=30 * 86_400, answer_s=TOTAL_S + 5)


_log = log.get("webhooks")


class Place(TypedDict):
    """Which delivery, in which round."""

    delivery_id: UUID
    round_: int


class WebhookCalls:
    """What sending and asking mean for one delivery."""

    def __init__(self, post: Post) -> None:
        self._post = post

    def ready(self) -> bool:
        return True

    async def send(self, call: Call) -> Done | Refused | Unknown:
        return await self._attempt(call)

    async def ask(self, call: Call) -> Answer:
        try:
            due = await asyncio.to_thread(service.due, tenant=call.tenant, **_place(call))
        except DBAPIError:
            return Unknown("the database was away")
        return await self._attempt(call) if due else Unknown("its time has not come")

    async def _attempt(self, call: Call) -> Done | Refused | Unknown:
        try:
            parcel = await asyncio.to_thread(service.prepare, tenant=call.tenant, **_place(call))
            if parcel is None:
                return Refused("gone", "the webhook is gone, or this was delivered", never_sent=True)
            return Done({"status": await self._post.send(parcel)})
        except NotDelivered as error:
            return await self._failed(call, error.text, error.status)
        except service.AccountShut:
            return await self._failed(call, "the account is shut", None)
        except DomainError as error:  # its secret does not open
            return await self._failed(call, error.code, None)
        except DBAPIError:
            return Unknown("the database was away")
        except Exception as error:  # noqa: BLE001  a fault of ours must count as an attempt, else it would be repeated without a pause
            _log.error("delivery_failed_here", ref=call.ref, error=repr(error))
            return await self._failed(call, "a fault of ours", None)

    async def _failed(self, call: Call, text: str, status: int | None) -> Refused | Unknown:
        try:
            last = await asyncio.to_thread(
                service.note_failure, tenant=call.tenant, **_place(call), status=status, error=text
            )
        except DBAPIError:
            return Unknown("the database was away")
        return Refused(GIVEN_UP, text) if last else Unknown(text)

    def apply(self, tx: Tx, call: Call, outcome: Done | Refused | Unknown | NotPlaced | Expired) -> float | None:
        match outcome:
            case Done(result):
                service.delivered(tx, **_place(call), status=result["status"])
            case Refused(code) if code == GIVEN_UP:
                service.given_up(tx, **_place(call))
            case Refused() | Unknown():
                pass  # counted when it happened
            case NotPlaced() | Expired():
                raise AssertionError("a delivery has no deadline, and nothing proves that it was not taken")
        return None


def _place(call: Call) -> Place:
    return {"delivery_id": UUID(call.payload["delivery_id"]), "round_": int(call.payload["round"])}
