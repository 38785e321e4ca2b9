"""The calls of the lane `custodian`. It knows each thing by our reference, so to ask is to send again: the answer is the same thing."""

from __future__ import annotations

from typing import Any

from kernel.calls.lane import Resolving
from kernel.calls.outcomes import Answer, Call, Done, Expired, NotPlaced, Outcome, Refused, Unknown
from kernel.db import Tx
from wallet_bridge.custody import listeners, refs, service
from wallet_bridge.custody.client import Client, CustodianAway, CustodianRefuses
from wallet_bridge.custody.refs import Ref
from wallet_bridge.wire.schemas import AddressOut, TransferOut
from wallet_bridge.wire.states import TransferState

AT_ONCE = 8
RESOLVING = Resolving(guard_s=0, every_s=2.0, manual_after_s=3_600, answer_s=15.0)
_CONFLICT = "client_ref_conflict"
_TOO_LATE = "already_signed"
_ABSENT = "transfer_not_found"
_UNFIT = frozenset({"address_invalid", "amount_unfit", "network_unknown", "destination_unfit"})


class CustodyCalls:
    """What sending and asking mean for all kinds."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def ready(self) -> bool:
        """Also while it is away: what waits for it waits for hours, not for a price."""
        return True

    async def send(self, call: Call) -> Done | Refused | Unknown:
        return await self._try(call)

    async def ask(self, call: Call) -> Answer:
        """What was sent before may have been taken: only a no to the transfer itself, which it says of none that it has, ends it."""
        answer = await self._try(call)
        if call.kind == service.TRANSFER and isinstance(answer, Refused) and answer.code not in _UNFIT:
            return Unknown(f"{answer.code}: {answer.text}")
        return answer

    async def _try(self, call: Call) -> Done | Refused | Unknown:
        try:
            return Done(await self._do(call))
        except CustodianRefuses as error:
            if call.kind == service.LOOKUP:
                return Done({}) if error.code in _UNFIT else Unknown(error.text)
            if (
                error.code == _CONFLICT
            ):  # there is something under this name, and it is not what we think: a person looks
                return Unknown(error.text)
            return Refused(error.code, error.text)
        except CustodianAway as error:
            return Unknown(str(error))

    async def _do(self, call: Call) -> dict[str, Any]:
        if call.kind == service.ADDRESS:
            return await self._client.post("/v1/addresses", call.payload)
        if call.kind == service.TRANSFER:
            return await self._client.post("/v1/transfers", call.payload)
        if call.kind == service.LOOKUP:
            return await self._look_up(call.payload)
        found = await self._client.get("/v1/transfers", {"client_ref": call.payload["client_ref"]})
        if call.kind == service.COSIGN:
            return await self._client.post(f"/v1/transfers/{found['id']}/cold", {"signed": call.payload["signed"]})
        return await self._client.post(f"/v1/transfers/{found['id']}/cancel", {})

    async def _look_up(self, stone: dict[str, Any]) -> dict[str, Any]:
        """What is under the reference. Nothing: then a stone that can pay nothing is put there and cancelled, so that nothing ever will be.

        However late a request of ours arrives that was on its way, the custodian refuses it as another one under the same reference.
        """
        try:
            found = await self._client.get("/v1/transfers", {"client_ref": stone["client_ref"]})
        except CustodianRefuses as error:
            if error.code != _ABSENT:
                raise
            found = await self._client.post("/v1/transfers", stone)
        told = TransferOut.model_validate(found)
        if told.fee_cap == 0 and told.state is TransferState.ACCEPTED:
            found = await self._client.post(f"/v1/transfers/{told.id}/cancel", {})
        return found

    def apply(self, tx: Tx, call: Call, outcome: Outcome) -> float | None:
        ref = refs.read(call.ref)
        assert ref is not None, "only we name our calls"
        if call.kind == service.ADDRESS:
            _tell_of_address(tx, ref, outcome)
        elif call.kind == service.TRANSFER:
            _tell_of_transfer(tx, ref, outcome)
        elif call.kind == service.COSIGN:
            _tell_of_signature(tx, ref, outcome)
        elif call.kind == service.LOOKUP:
            _tell_of_lookup(tx, ref, outcome)
        else:
            _tell_of_cancel(tx, call, outcome)
        return None

    def given_to_people(self, tx: Tx, call: Call) -> None:
        """It was asked about for too long."""
        ref = refs.read(call.ref)
        assert ref is not None, "only we name our calls"
        if call.kind == service.TRANSFER:
            listeners.transfers(ref.kind).unanswered(tx, ref, manual=True)
        elif call.kind == service.LOOKUP:
            for listener in listeners.lookups():
                listener.silent(tx, ref)


def _tell_of_lookup(tx: Tx, ref: Ref, outcome: Outcome) -> None:
    if not isinstance(outcome, Done):
        return  # it is asked again
    told = TransferOut.model_validate(outcome.result) if outcome.result else None
    for listener in listeners.lookups():
        if told is None or (told.fee_cap == 0 and told.state is TransferState.CANCELLED):
            listener.absent(tx, ref)
        else:
            listener.found(tx, ref, told)


def _tell_of_address(tx: Tx, ref: Ref, outcome: Outcome) -> None:
    for listener in listeners.addresses():
        match outcome:
            case Done(result):
                listener.made(tx, ref, AddressOut.model_validate(result))
            case Refused(code, text):
                listener.refused(tx, ref, code, text)
            case _:
                pass  # it is asked for again


def _tell_of_transfer(tx: Tx, ref: Ref, outcome: Outcome) -> None:
    listener = listeners.transfers(ref.kind)
    match outcome:
        case Done(result):
            listener.seen(tx, ref, TransferOut.model_validate(result))
        case Refused(code, text):
            listener.refused(tx, ref, code, text)
        case Unknown():
            listener.unanswered(tx, ref)
        case Expired(reason):
            listener.expired(tx, ref, reason)
        case NotPlaced():
            raise AssertionError("nothing proves that the custodian will not take it later")


def _tell_of_signature(tx: Tx, ref: Ref, outcome: Outcome) -> None:
    match outcome:
        case Done():  # what it changed comes with the events
            listeners.cold().cosigned(tx, ref, refused=None)
        case Refused(code, text):
            listeners.cold().cosigned(tx, ref, refused=f"{code}: {text}")
        case _:
            pass  # a signature counts once however often it is handed in: it is, until there is an answer


def _tell_of_cancel(tx: Tx, call: Call, outcome: Outcome) -> None:
    ref = refs.read(
        call.payload["client_ref"]
    )  # asked for a second time the call has another name than what it is about
    assert ref is not None, "only we name our calls"
    listener = listeners.transfers(ref.kind)
    match outcome:
        case Done(result):
            listener.seen(tx, ref, TransferOut.model_validate(result))
        case Refused(code):
            listener.not_cancelled(tx, ref, code)
        case _:
            pass
