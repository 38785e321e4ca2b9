"""Choosing what a payment spends, and what it costs: computation only, in the smallest units of the coin.

Sizes are of native segwit (P2WPKH, where nothing else is said) and never too small: the fee that is offered is at least the rate that is
wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wallet_bridge.custodian.chains.port import CannotPay

_FRAME = 11  # version, locktime, counts, the mark of segwit
INPUT = 69
_OUTPUT = 9  # amount and length, without the script
CHANGE_SCRIPT = 22
_THOUSAND = 1_000


@dataclass(frozen=True, slots=True)
class Coin:
    """`place` is what the caller knows it by."""

    place: int
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`rate` for a thousand virtual bytes; `fee_least` what the fee has to reach, `relay` the rate of what outbidding costs beyond it."""

    units: int
    script: int
    rate: int
    dust: int
    fee_most: int
    most_inputs: int
    fee_least: int = 0
    relay: int = 0
    input: int = INPUT
    change_script: int = CHANGE_SCRIPT


@dataclass(frozen=True, slots=True)
class Choice:
    """`change` 0: none, for it would be dust."""

    coins: Sequence[Coin]
    fee: int
    change: int


def size(inputs: int, *scripts: int, each: int = INPUT) -> int:
    return _FRAME + each * inputs + sum(_OUTPUT + script for script in scripts)


def choose(wish: Wish, fixed: Sequence[Coin], free: Sequence[Coin]) -> Choice:
    """`fixed` are spent in any case. Of `free`, the largest first: the smallest one that is enough by itself, else as many as it takes.

    What costs more than it brings is left alone, so that dust that somebody sprinkles over our addresses is never touched.

    Raises:
        CannotPay
    """
    worth = [one for one in free if one.units > _ceil(wish.input * wish.rate)]
    if sum(one.units for one in fixed) < wish.units + _fee(wish, len(fixed), change=False):
        for single in reversed(worth):
            if _enough(wish, [*fixed, single]):
                return _priced(wish, [*fixed, single])
    chosen, rest = list(fixed), iter(worth)
    while not _enough(wish, chosen):
        more = next(rest, None)
        if more is None:
            raise CannotPay("the wallet does not hold enough that is deep enough to be spent")
        chosen.append(more)
        if len(chosen) > wish.most_inputs:
            raise CannotPay("the wallet holds enough only in too many small outputs")
    return _priced(wish, chosen)


def _enough(wish: Wish, coins: Sequence[Coin]) -> bool:
    return bool(coins) and sum(one.units for one in coins) >= wish.units + _fee(wish, len(coins), change=False)


def _fee(wish: Wish, inputs: int, *, change: bool) -> int:
    scripts = (wish.script, wish.change_script) if change else (wish.script,)
    bytes_ = size(inputs, *scripts, each=wish.input)
    return max(_ceil(bytes_ * wish.rate), wish.fee_least + _ceil(bytes_ * wish.relay))


def _priced(wish: Wish, coins: Sequence[Coin]) -> Choice:
    over = sum(one.units for one in coins) - wish.units
    fee = _fee(wish, len(coins), change=True)
    change = over - fee
    if change < wish.dust:
        fee, change = over, 0
    if fee > wish.fee_most:
        raise CannotPay("the network's fee is above the cap of this transfer")
    return Choice(coins, fee, change)


def _ceil(thousandths: int) -> int:
    return -(-thousandths // _THOUSAND)
