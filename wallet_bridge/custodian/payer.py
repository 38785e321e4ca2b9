"""The payer of one chain: signs and stores what waits, shows stored bytes to the node, and looks what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from kernel import failpoints
from wallet_bridge.custodian import vault
from wallet_bridge.custodian.chains.port import Chain, Gone, Mined, NotTaken, Wish
from wallet_bridge.custodian.house import House
from wallet_bridge.custodian.outputs import service as outputs
from wallet_bridge.custodian.transfers import service as transfers
from wallet_bridge.custodian.transfers.record import Attempt, Transfer
from wallet_bridge.custodian.transfers.service import Account, OnChain
from wallet_bridge.wire.states import TransferState


async def pay(house: House, name: str) -> None:
    """One round. Whatever is interrupted is taken up by the next, here or in another process.

    Raises:
        ChainAway
    """
    chain = house.chain(name)
    waiting = await asyncio.to_thread(transfers.waiting, name)
    if waiting:
        await asyncio.to_thread(transfers.sign_all, house, name, await _accounts(chain, waiting))
    await vault.tend(house, name)
    for txid, raw in await asyncio.to_thread(transfers.taken_back, name):
        if isinstance(await chain.locate(txid), Gone):
            await chain.send(raw)  # whatever the node says to it: it is shown again until a block has it
    under_way = await asyncio.to_thread(transfers.under_way, house, name)
    if not under_way:
        return
    tip = (await chain.tip()).height
    for one, attempts in under_way:
        await _follow(house, chain, one, attempts, tip=tip)
    stuck = await asyncio.to_thread(transfers.stuck, house, name)
    if stuck:
        await asyncio.to_thread(transfers.replace_stuck, house, name, await _accounts(chain, stuck))


async def _accounts(chain: Chain, wishes: Mapping[str, Sequence[Wish]]) -> dict[str, Account]:
    return {payer: await account(chain, payer, wanted) for payer, wanted in wishes.items()}


async def account(chain: Chain, payer: str, wishes: Sequence[Wish]) -> Account:
    """Raises: ChainAway."""
    materials = await chain.materials(payer, wishes)
    return Account(materials, materials.height, await chain.first_nonce(payer))


async def _follow(house: House, chain: Chain, one: Transfer, attempts: list[Attempt], *, tip: int) -> None:
    gone = []
    for attempt in attempts:
        found = await chain.locate(attempt.txid)
        if isinstance(found, Mined):
            found = found if found.fee is not None else replace(found, fee=attempt.max_fee)
            seen = OnChain(attempt.txid, found, max(1, tip - found.height + 1))
            await asyncio.to_thread(transfers.on_chain, house, one.id, seen)
            return
        if isinstance(found, Gone):
            gone.append(attempt)
    if one.state is TransferState.CONFIRMING:
        await asyncio.to_thread(transfers.off_chain, one.id)
    await _send(house, chain, one, attempts, gone)


async def _send(house: House, chain: Chain, one: Transfer, attempts: list[Attempt], gone: list[Attempt]) -> None:
    """Show the newest bytes to the node, again where it forgot them. A node that knows older ones replaces them by itself."""
    last = attempts[-1]
    elsewhere = await _spent_elsewhere(house, chain, one, attempts)
    if elsewhere is not None:
        # None of ours is on the chain: each is looked for once more, after the block that spent what it needs.
        if not await _any_known(chain, attempts):
            await asyncio.to_thread(transfers.overtaken, one.id, elsewhere)
        return
    if last.sent_at is None or last in gone:
        failpoints.hit("custody.send.before")
        answer = await chain.send(last.raw)
        failpoints.hit("custody.send.after")
        error = answer.reason if isinstance(answer, NotTaken) else None
        await asyncio.to_thread(transfers.told_node, one.id, last.number, error=error)
    elif one.state is TransferState.SIGNED:
        await asyncio.to_thread(transfers.told_node, one.id, last.number, error=None)


async def _spent_elsewhere(house: House, chain: Chain, one: Transfer, attempts: list[Attempt]) -> str | None:
    """Why none of them can be on the chain any more, if a final block says so."""
    nonce = attempts[-1].nonce
    if nonce is not None:
        return (
            "another transaction of this account used its nonce" if await chain.nonce_spent(one.payer, nonce) else None
        )
    ours, final = [attempt.txid for attempt in attempts], house.network(one.network).confirmations
    for attempt in attempts:
        inputs = chain.inputs(attempt.raw)
        if not await asyncio.to_thread(outputs.spent_elsewhere, one.network, inputs, but=ours, final=final):
            return None
    return "another transaction spent one of its outputs"


async def _any_known(chain: Chain, attempts: list[Attempt]) -> bool:
    for attempt in attempts:
        if not isinstance(await chain.locate(attempt.txid), Gone):
            return True
    return False
