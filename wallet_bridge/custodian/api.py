"""The custodian's doors: addresses, transfers, the whitelist, balances, how far the chains are read, and the list of events."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from kernel.clock import wall
from kernel.http import problem_responses
from wallet_bridge.custodian import errors, states_of_chains
from wallet_bridge.custodian.addresses import service as addresses
from wallet_bridge.custodian.auth import Client
from wallet_bridge.custodian.feed import service as feed
from wallet_bridge.custodian.house import House
from wallet_bridge.custodian.transfers import service as transfers
from wallet_bridge.custodian.whitelist import service as whitelist
from wallet_bridge.wire.schemas import (
    AddressIn,
    AddressOut,
    BalancesOut,
    ChainStatesOut,
    EventsOut,
    Ref,
    TransferIn,
    TransferOut,
    WhitelistApprovalIn,
    WhitelistIn,
    WhitelistOut,
)

router = APIRouter(prefix="/v1", responses=problem_responses(errors.WireUnsigned))


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


@router.post("/addresses", responses=problem_responses(errors.NetworkUnknown, errors.ClientRefConflict))
def make_address(body: AddressIn, request: Request, _client: Client) -> AddressOut:
    """The owner's address on a network; asked again it is the same one."""
    house = _house(request)
    house.network(body.network).asset(body.asset)
    return addresses.make(body, house.chain(body.network), house.watches[body.network])


@router.post(
    "/transfers",
    status_code=202,
    responses=problem_responses(
        errors.NetworkUnknown,
        errors.AmountUnfit,
        errors.AddressInvalid,
        errors.DestinationUnfit,
        errors.ClientRefConflict,
    ),
)
def make_transfer(body: TransferIn, request: Request, response: Response, _client: Client) -> TransferOut:
    """Take a transfer; the same reference with the same content answers the same transfer."""
    made, fresh = transfers.take(_house(request), body)
    if not fresh:
        response.status_code = 200
    return made


@router.get("/transfers", responses=problem_responses(errors.TransferNotFound))
def find_transfer(client_ref: Annotated[Ref, Query()], _client: Client) -> TransferOut:
    """By the reference of whoever asked for it."""
    return transfers.view_by_ref(client_ref)


@router.get("/transfers/{id}", responses=problem_responses(errors.TransferNotFound))
def get_transfer(transfer_id: Annotated[UUID, Path(alias="id")], _client: Client) -> TransferOut:
    """One transfer with its attempts."""
    return transfers.view(transfer_id)


@router.post("/transfers/{id}/cancel", responses=problem_responses(errors.TransferNotFound, errors.AlreadySigned))
def cancel_transfer(transfer_id: Annotated[UUID, Path(alias="id")], _client: Client) -> TransferOut:
    """Only before it is signed."""
    return transfers.cancel(transfer_id)


@router.post(
    "/whitelist", responses=problem_responses(errors.NetworkUnknown, errors.AddressInvalid, errors.ClientRefConflict)
)
def propose(body: WhitelistIn, request: Request, _client: Client) -> WhitelistOut:
    """Propose an address for large sums."""
    return whitelist.propose(_house(request), body)


@router.post("/whitelist/{id}/approve", responses=problem_responses(errors.WhitelistEntryNotFound, errors.SamePerson))
def approve(entry_id: Annotated[UUID, Path(alias="id")], body: WhitelistApprovalIn, _client: Client) -> WhitelistOut:
    """A second person agrees; the delay begins."""
    return whitelist.approve(entry_id, by=body.approved_by)


@router.delete("/whitelist/{id}", responses=problem_responses(errors.WhitelistEntryNotFound))
def remove(entry_id: Annotated[UUID, Path(alias="id")], _client: Client) -> WhitelistOut:
    """At once."""
    return whitelist.remove(entry_id)


@router.get("/balances")
async def balances(request: Request, _client: Client) -> BalancesOut:
    """What the hot and cold wallets hold on their chains, now."""
    return BalancesOut(items=await states_of_chains.balances(_house(request)), at=wall())


@router.get("/chain-state")
def chain_state(request: Request, _client: Client) -> ChainStatesOut:
    """How far each network has been read."""
    return ChainStatesOut(items=states_of_chains.states(_house(request)))


@router.get("/events")
def list_events(
    _client: Client, after: Annotated[int, Query(ge=0)] = 0, limit: Annotated[int, Query(ge=1, le=feed.MOST)] = 100
) -> EventsOut:
    """What follows a number, without a gap."""
    return feed.after(after, limit=limit)
