"""The sandbox over HTTP, for the role admin in a sandbox only."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel import schedules
from kernel.errors import InvalidRequest
from kernel.http import IdempotencyKey, Page
from kernel.money import canonical
from kernel.settings import settings
from markets.instruments import service as instruments
from rivermouth.sandbox import chain, mails, play, service
from rivermouth.sandbox.control import Engine, Simulator
from rivermouth.sandbox.schemas import (
    ChainBlocksIn,
    ChainPaymentIn,
    ChainReorgIn,
    ClockIn,
    DepositIn,
    FaultIn,
    PriceIn,
    Venue,
    VenueBalanceIn,
)

router = APIRouter(prefix="/v1/sandbox", tags=["sandbox"])
Admin = Annotated[Principal, requires(Permission.SANDBOX)]
RECORDING_WAIT_S = 25.0


def _simulator(request: Request) -> Simulator:
    simulator: Simulator = request.app.state.simulator
    return simulator


def _engine(request: Request) -> Engine:
    engine: Engine = request.app.state.sandbox_engine
    return engine


def _player(request: Request) -> play.Player:
    player: play.Player = request.app.state.player
    return player


@router.post("/prices", responses={202: {"description": "A long recording goes on playing; ask for it by its id."}})
async def set_prices(body: PriceIn, request: Request, response: Response, _admin: Admin) -> dict[str, Any]:
    """Pin a price, play a path or a recording in lock-step, or give the symbol back to the generator."""
    await asyncio.to_thread(instruments.get, body.symbol)
    player = _player(request)
    if body.free:
        await _simulator(request).call("POST", "/control/free", {"symbol": body.symbol})
        return {"symbol": body.symbol, "mode": "generator"}
    if body.price is not None:
        wish = {"symbol": body.symbol, "venue": body.venue, "price": canonical(body.price), "exact": body.exact}
        reply = await player.show(body.symbol, wish, clear=True)
        return {"symbol": body.symbol, "mode": "pinned", "composite": reply["composite"], "venues": reply["venues"]}
    if body.path is not None:
        started = player.start(body.symbol, body.path, total=len(body.path))
    else:
        assert body.recording is not None
        points, total = await asyncio.to_thread(play.recording_points, body.recording, bars=body.bars, rows=body.rows)
        started = player.start(body.symbol, points, total=total)
    assert started.task is not None
    await asyncio.wait([started.task], timeout=RECORDING_WAIT_S if body.recording else None)
    if started.error:
        raise InvalidRequest(f"the play stopped after {started.played} points: {started.error}")
    if started.state == "playing":
        response.status_code = 202
    return {"symbol": body.symbol, "mode": "played", **started.summary()}


@router.get("/prices/plays/{play_id}")
async def get_play(play_id: UUID, request: Request, _admin: Admin) -> dict[str, Any]:
    return _player(request).get(play_id).summary()


@router.get("/prices")
async def get_prices(request: Request, _admin: Admin) -> Any:
    return await _simulator(request).call("GET", "/control/prices")


@router.post("/faults", status_code=201)
async def add_fault(body: FaultIn, request: Request, _admin: Admin) -> Any:
    return await _simulator(request).call("POST", "/control/faults", body.model_dump(exclude_none=True))


@router.get("/faults")
async def list_faults(request: Request, _admin: Admin) -> Page[dict[str, Any]]:
    answer = await _simulator(request).call("GET", "/control/faults")
    return Page(items=answer["items"], next_cursor=None)


@router.get("/faults/{fault_id}")
async def get_fault(fault_id: str, request: Request, _admin: Admin) -> Any:
    return await _simulator(request).call("GET", f"/control/faults/{_plain(fault_id)}")


@router.delete("/faults/{fault_id}")
async def delete_fault(fault_id: str, request: Request, _admin: Admin) -> Any:
    return await _simulator(request).call("DELETE", f"/control/faults/{_plain(fault_id)}")


def _plain(text: str) -> str:
    """An id that is safe inside a path."""
    if not text.replace("-", "").isalnum() or len(text) > 64 or not text.isascii():
        raise InvalidRequest("that is not an id")
    return text


@router.post("/reset")
async def reset(request: Request, _admin: Admin) -> dict[str, Any]:
    """Remove faults, pins and thin books; close the breakers. Orders and balances stay."""
    await _simulator(request).call("POST", "/control/reset", {})
    await _engine(request).ask("reset")
    return {"reset": True}


@router.post("/venue-balances")
async def set_venue_balance(body: VenueBalanceIn, request: Request, admin: Admin) -> dict[str, Any]:
    await asyncio.to_thread(service.require_asset, body.asset)
    await _simulator(request).call(
        "POST", "/control/balances", {"venue": body.venue, "asset": body.asset, "free": canonical(body.free)}
    )
    await asyncio.to_thread(
        service.venue_balance_changed, admin.tenant_id, venue=body.venue, asset=body.asset, free=body.free
    )
    return {"venue": body.venue, "asset": body.asset, "free": canonical(body.free)}


@router.post("/clock", status_code=202)
def advance_clock(body: ClockIn, admin: Admin) -> dict[str, Any]:
    """Ask for a jump of business time; ask for the id to see when everything that fell due has run."""
    return {"id": str(service.advance_clock(admin.tenant_id, body.advance)), "state": "pending"}


@router.get("/clock")
def get_clock(_admin: Admin) -> dict[str, Any]:
    return {"business_now": service.business_time().isoformat()}


@router.get("/clock/{advance_id}")
def get_advance(advance_id: UUID, _admin: Admin) -> dict[str, Any]:
    return {
        "id": str(advance_id),
        "state": schedules.advance_state(advance_id),
        "business_now": service.business_time().isoformat(),
    }


@router.post("/deposits", status_code=201)
def deposit(body: DepositIn, key: IdempotencyKey, _admin: Admin) -> dict[str, Any]:
    journal_id = service.deposit(email=body.email, asset=body.asset, amount=body.amount, key=key)
    return {"journal_id": str(journal_id), "email": body.email, "asset": body.asset, "amount": canonical(body.amount)}


@router.get("/mails")
def list_mails(
    _admin: Admin,
    to: Annotated[str | None, Query(max_length=254)] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 50,
) -> Page[mails.MailOut]:
    """What the sandbox's mail server kept, the newest first."""
    return Page(items=mails.newest(settings().data_dir / mails.FOLDER, recipient=to, limit=limit))


@router.get("/venues/{venue}/orders")
async def venue_orders(
    venue: Venue, request: Request, _admin: Admin, client_order_id: str | None = None, limit: int = 1000
) -> Page[dict[str, Any]]:
    """What the venue saw, told by the venue itself."""
    query = f"?limit={max(1, min(limit, 100_000))}"
    if client_order_id:
        query += f"&client_order_id={_plain(client_order_id)}"
    answer = await _simulator(request).call("GET", f"/control/venues/{venue}/orders{query}")
    return Page(items=answer["items"], next_cursor=None)


@router.get("/venues/{venue}/calls")
async def venue_calls(venue: Venue, request: Request, _admin: Admin) -> Any:
    """How often the venue has been called so far, whatever became of it."""
    return await _simulator(request).call("GET", f"/control/venues/{venue}/calls")


@router.post("/chain/payments", status_code=201)
def pay_on_chain(body: ChainPaymentIn, _admin: Admin) -> dict[str, str]:
    """A stranger sends coins of a chain of the demo's; the transaction is in the next block."""
    return {"txid": chain.of(body.network).pay(address=body.address, amount=body.amount, asset=body.asset)}


@router.post("/chain/blocks", status_code=201)
def mine_blocks(body: ChainBlocksIn, _admin: Admin) -> dict[str, int]:
    """Blocks now, beside those that come by themselves, and how often those come."""
    played = chain.of(body.network)
    if body.every_s is not None:
        played.every(body.every_s)
    if body.count:
        played.mine(body.count)
    return {"height": played.height()}


@router.post("/chain/reorgs", status_code=201)
def reorganise_chain(body: ChainReorgIn, _admin: Admin) -> dict[str, int]:
    """The newest blocks are replaced by others without their transactions."""
    played = chain.of(body.network)
    played.reorganise(body.count)
    return {"height": played.height()}
