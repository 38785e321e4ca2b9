"""The keeper of one chain: money from deposit addresses to the hot wallet where that is worth it, and from there to the cold one.

It asks the chain what things cost, and makes transfers; the payer pays them as it pays all others.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal

from kernel import log
from wallet_bridge.custodian import vault
from wallet_bridge.custodian.chains.evm import EvmChain
from wallet_bridge.custodian.chains.port import CannotPay, Wish
from wallet_bridge.custodian.floats import service as floats
from wallet_bridge.custodian.house import House
from wallet_bridge.custodian.sweeps import service as sweeps
from wallet_bridge.custodian.sweeps.record import Pile

_log = log.get("custodian")
_MOST_OF_IT = 10  # the own coin is swept where the fee is at most this part of it


async def keep(house: House, name: str) -> None:
    """One round.

    Raises:
        ChainAway
    """
    await asyncio.to_thread(sweeps.tidy, name)
    if house.network(name).safe is not None:
        await vault.look(house, name)
    chain = house.chain(name)
    if isinstance(chain, EvmChain):
        for asset in house.network(name).assets:
            for pile in await asyncio.to_thread(sweeps.piles, house, name, asset):
                await _empty(house, name, chain, pile)
    await _floats(house, name)


async def _empty(house: House, name: str, chain: EvmChain, pile: Pile) -> None:
    try:
        if pile.asset == house.network(name).native:
            await _empty_coins(house, name, chain, pile)
        else:
            await _empty_tokens(house, name, chain, pile)
    except CannotPay as error:  # the next round asks again
        _log.warning("custodian_not_swept", network=name, address=pile.address, asset=pile.asset, why=str(error))


async def _empty_coins(house: House, name: str, chain: EvmChain, pile: Pile) -> None:
    """All of it but the fee, which comes out of it; some of it may have paid the fee of a token."""
    network = house.network(name)
    least = Wish(pile.asset, house.hot(name), network.asset(pile.asset).sweep_from or pile.amount)
    materials = await chain.materials(pile.address, [least])
    fee = chain.quote(materials, least)
    amount = min(pile.amount, chain.held(materials, pile.asset)) - fee
    if _affordable(house, name, fee) and fee * _MOST_OF_IT <= amount:
        await asyncio.to_thread(sweeps.sweep, house, name, pile, amount=amount, fee=fee)


async def _empty_tokens(house: House, name: str, chain: EvmChain, pile: Pile) -> None:
    """With the coins that the address has, or first gets for that; a refusal is found before it gets any."""
    wish = Wish(pile.asset, house.hot(name), pile.amount)
    materials = await chain.materials(pile.address, [wish])
    fee = chain.quote(materials, wish)
    if not _affordable(house, name, fee):
        return
    coins = chain.held(materials, house.network(name).native)
    # A quote has a quarter to spare: an address that has once got the fee is not given pennies when fees move.
    if coins * 5 >= fee * 4:
        await asyncio.to_thread(sweeps.sweep, house, name, pile, amount=pile.amount, fee=fee)
    else:
        await asyncio.to_thread(sweeps.fund, house, name, pile, coins=fee - coins)


def _affordable(house: House, name: str, fee: Decimal) -> bool:
    cap = house.network(name).sweep_fee_cap
    return cap is not None and fee <= cap


async def _floats(house: House, name: str) -> None:
    bounded = [asset for asset, told in house.network(name).assets.items() if told.bounds is not None]
    if not bounded:
        return
    at = await house.chain(name).tip()
    held = await house.chain(name).balances(house.hot(name), at)
    for asset in bounded:
        if asset in held:
            await asyncio.to_thread(floats.judge, house, name, asset, held=held[asset], height=at.height)
