"""The reader of one chain: from where it stands to the tip, block by block, and back to the last common block where history changed."""

from __future__ import annotations

import asyncio

from wallet_bridge.custodian.chains.port import BlockRef, Chain, ChainAway
from wallet_bridge.custodian.deposits import service as deposits
from wallet_bridge.custodian.networks import Network


class TooDeep(Exception):
    """History changed below everything we remember; a person must look before anything is read on."""


async def read(name: str, network: Network, chain: Chain) -> bool:
    """One step; False where nothing was left to do.

    Raises:
        ChainAway, TooDeep
    """
    stands = await asyncio.to_thread(deposits.place, name)
    tip = await chain.tip()
    await asyncio.to_thread(deposits.reached, name, tip.height)
    if stands is None:
        if tip.height < network.first_block:
            return False
        block = await chain.block(network.first_block)
        return await asyncio.to_thread(deposits.forward, name, block, after=None, final=network.confirmations)
    if await _is_on(chain, stands):
        if tip.height <= stands.height:
            return False
        block = await chain.block(stands.height + 1)
        if block.ref.parent == stands.hash:
            return await asyncio.to_thread(deposits.forward, name, block, after=stands, final=network.confirmations)
    return await _walk_back(name, network, chain, stands)


async def _is_on(chain: Chain, ref: BlockRef) -> bool:
    found = await chain.block_ref(ref.height)
    return found is not None and found.hash == ref.hash


async def _walk_back(name: str, network: Network, chain: Chain, stands: BlockRef) -> bool:
    for known in await asyncio.to_thread(deposits.kept, name):
        if await _is_on(chain, known):
            if known == stands:
                raise ChainAway("the chain changed while it was read")
            return await asyncio.to_thread(deposits.back, name, to=known, after=stands, final=network.confirmations)
    raise TooDeep(f"{name}: no block that we remember is on the chain any more")
