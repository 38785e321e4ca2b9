"""The keeper of what waits for its holders: drafts for them to sign, and a Safe that is watched and told what enough of them signed.

A Safe does one thing for each of its numbers, whoever hands it in. So a transfer out of it is paid where its log says so, by whatever
transaction; and can never be paid any more where a final block has something else under its number. Until then it can, even if our own
transaction was included and refused: with the same signatures it may be handed in again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from kernel import failpoints, log
from kernel.clock import wall
from wallet_bridge.custodian.chains import safes as chain_safes
from wallet_bridge.custodian.chains.evm import EvmChain
from wallet_bridge.custodian.chains.port import ChainAway, Gone, Located, Mined, NotTaken, Waiting
from wallet_bridge.custodian.chains.safes import Executed, SafeState
from wallet_bridge.custodian.cold import psbts, safes
from wallet_bridge.custodian.cold import service as cold
from wallet_bridge.custodian.cold.safes import Open
from wallet_bridge.custodian.house import House
from wallet_bridge.custodian.networks import Network
from wallet_bridge.custodian.transfers import service as transfers
from wallet_bridge.custodian.transfers.record import Attempt
from wallet_bridge.custodian.transfers.service import Account, OnChain
from wallet_bridge.wire.states import TransferState

_log = log.get("custodian")


async def look(house: House, name: str) -> SafeState:
    """The Safe as the chain has it now, kept for the doors.

    Raises:
        ChainAway
    """
    chain, network = _evm(house, name), house.network(name)
    state = await chain_safes.read(chain, safes.safe_of(network), safes.allowed(network))
    if await asyncio.to_thread(safes.keep, house, name, state) and state.trouble is not None:
        _log.error("custodian_safe_not_trusted", network=name, address=network.cold, why=state.trouble)
    return state


async def tend(house: House, name: str) -> None:
    """One round.

    Raises:
        ChainAway
    """
    waiting = await asyncio.to_thread(cold.undrafted, name)
    if house.network(name).safe is not None:
        await _tend_safe(house, name, waiting)
    elif waiting:
        fees = await house.chain(name).materials(house.network(name).cold or "", ())
        for transfer_id in waiting:
            await asyncio.to_thread(cold.draft, house, transfer_id, lambda tx, one: psbts.draft(tx, house, one, fees))


async def _tend_safe(house: House, name: str, waiting: Sequence[UUID]) -> None:
    if not waiting and not await asyncio.to_thread(safes.open_ones, name):
        return
    state = await look(house, name)
    for transfer_id in waiting:
        await _draft(house, name, transfer_id, state)
    for each in await asyncio.to_thread(safes.open_ones, name):
        await _Course(house, _evm(house, name), state, each).follow()


async def _draft(house: House, name: str, transfer_id: UUID, state: SafeState) -> None:
    """Shown to its owners only once the contract makes the same hash of it as we do."""
    chain, network = _evm(house, name), house.network(name)
    held = await chain.balances(network.cold or "")
    plan = await asyncio.to_thread(cold.planned, transfer_id, lambda tx, one: safes.made(tx, house, one, state, held))
    if plan is None:
        return
    if not await chain_safes.agrees(chain, safes.safe_of(network), plan.raw):
        raise ChainAway("the Safe makes another hash of a draft than we do")
    await asyncio.to_thread(
        cold.draft, house, transfer_id, lambda tx, one: safes.draft(tx, house, one, state, held, plan)
    )


@dataclass(frozen=True, slots=True)
class _Course:
    """What becomes of one transfer out of a Safe, in one round."""

    house: House
    chain: EvmChain
    state: SafeState
    each: Open

    @property
    def _network(self) -> Network:
        return self.house.network(self.each.transfer.network)

    async def follow(self) -> None:
        """Raises: ChainAway."""
        one, nonce = self.each.transfer, self.each.draft.nonce or 0
        located = [await self.chain.locate(attempt.txid) for attempt in self.each.attempts]
        took = {
            attempt.txid: found.fee or Decimal(0)
            for attempt, found in zip(self.each.attempts, located, strict=True)
            if isinstance(found, Mined)
        }
        cost = sum(took.values(), Decimal(0))
        done = await self._executed() if self.state.nonce > nonce else None
        if done is not None:
            seen = OnChain(done.txid, done.mined, max(1, self.state.height - done.mined.height + 1), cost)
            await asyncio.to_thread(transfers.on_chain, self.house, one.id, seen)
            return
        if one.state is TransferState.CONFIRMING:
            await asyncio.to_thread(transfers.off_chain, one.id)
        elif self.state.nonce <= nonce:
            await self._go_on(located)
        elif await self._used_for_good(nonce):
            reason = f"replaced: the Safe did something else under its number {nonce}"
            await asyncio.to_thread(transfers.overtaken, one.id, reason, txid=max(took, default=None), cost=cost)

    async def _executed(self) -> Executed | None:
        asset = self._network.asset(self.each.transfer.asset)
        safe, draft = safes.safe_of(self._network), self.each.draft
        return await chain_safes.executed(
            self.chain,
            safe,
            draft.raw,
            token=asset.contract,
            since=draft.height or 0,
            uses=self.state.nonce - (draft.nonce or 0),
        )

    async def _used_for_good(self, nonce: int) -> bool:
        height = self.state.height - self._network.confirmations + 1
        return height >= 0 and await chain_safes.nonce_at(self.chain, safes.safe_of(self._network), height) > nonce

    async def _go_on(self, located: Sequence[Located]) -> None:
        """It is not done yet: sign for it what can be, or see to it that the node has what is signed."""
        if not self.each.attempts or all(
            [await self._dead(*one) for one in zip(self.each.attempts, located, strict=True)]
        ):
            await self._sign(None)
            return
        last, found = self.each.attempts[-1], located[-1]
        if isinstance(found, Gone) or last.sent_at is None:
            await self._send(last)
        elif isinstance(found, Waiting) and last.created_at < wall() - timedelta(seconds=self._network.bump_after_s):
            await self._sign(last)

    async def _dead(self, attempt: Attempt, found: Located) -> bool:
        """Whether it can never be what pays: it was included and refused, or its nonce is used by something else, for good."""
        if isinstance(found, Mined):
            return self.state.height - found.height + 1 >= self._network.confirmations
        return isinstance(found, Gone) and await self.chain.nonce_spent(attempt.payer, attempt.nonce or 0)

    async def _sign(self, replaces: Attempt | None) -> None:
        wish = await asyncio.to_thread(safes.ready, self.house, self.each.transfer.id, self.state)
        if wish is None:
            return
        hot = self.house.hot(self.each.transfer.network)
        materials = await self.chain.materials(hot, [wish])
        account = Account(materials, materials.height, await self.chain.first_nonce(hot))
        made = await asyncio.to_thread(safes.execute, self.house, self.each, self.state, account, replaces=replaces)
        if made is not None:
            await self._send(made)

    async def _send(self, last: Attempt) -> None:
        failpoints.hit("custody.send.before")
        answer = await self.chain.send(last.raw)
        failpoints.hit("custody.send.after")
        error = answer.reason if isinstance(answer, NotTaken) else None
        await asyncio.to_thread(transfers.told_node, self.each.transfer.id, last.number, error=error)


def _evm(house: House, name: str) -> EvmChain:
    chain = house.chain(name)
    assert isinstance(chain, EvmChain), "checked when the file was read"
    return chain
