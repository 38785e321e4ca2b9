"""Hearing of deposits: each event shows the deposit as it stood, and its number says which one is the newest.

So an older one that comes late, or the same one twice, changes nothing; what was left out in between is made up for by the next.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from kernel import log, outbox
from kernel.db import Tx
from kernel.ids import uuid7
from markets.quotes import service as quotes
from markets.quotes.errors import QuotesUnavailable
from wallet_bridge.custody import refs
from wallet_bridge.custody.refs import Owner
from wallet_bridge.deposit_addresses import service as addresses
from wallet_bridge.deposits import booking, events, queries, refunding, rules
from wallet_bridge.deposits.record import Deposit
from wallet_bridge.deposits.states import DepositStatus
from wallet_bridge.wire.schemas import DepositOut
from wallet_bridge.wire.states import EventType

REPORTING = "USDT"
_S = DepositStatus
_ABSENT = frozenset({_S.ORPHANED, _S.REVERSED})
_log = log.get("deposits")


class Arrivals:
    """The listener."""

    def seen(self, tx: Tx, event: EventType, deposit: DepositOut, *, seq: int) -> None:
        """Any state, in any order; two that hear the same wait for each other at the row."""
        known = _row(tx, deposit)
        if known is None or seq <= known.seq:
            return
        orphaned = event is EventType.DEPOSIT_ORPHANED
        told = replace(known, seq=seq, height=deposit.height, confirmations=0 if orphaned else deposit.confirmations)
        after = _gone(tx, told) if orphaned else _in_block(tx, told, deposit)
        queries.save(tx, after)


def _row(tx: Tx, told: DepositOut) -> Deposit | None:
    """The row, locked, made where there is none; None where it is another house's."""
    row = queries.lock_named(tx, network=told.network, txid=told.txid, output=told.output)
    if row is None:
        queries.insert(tx, _first(tx, told))
        row = queries.lock_named(tx, network=told.network, txid=told.txid, output=told.output)
    if row is None:
        _log.error("deposit_of_another_house", network=told.network, txid=told.txid, output=told.output)
    return row


def _first(tx: Tx, told: DepositOut) -> Deposit:
    """Of a deposit nobody has heard of: nothing is known of any block yet."""
    return Deposit(
        id=uuid7(), customer_id=None, network=told.network, txid=told.txid, output=told.output, asset=told.asset,
        amount=told.amount, address=told.address, memo=told.memo, status=_S.ORPHANED, reason=None, height=told.height,
        block="", confirmations=0, to_credit=1, to_final=1, seq=-1, place=None, booked=Decimal(0), fine=Decimal(0), journal_id=None,
        bookings=0, shortage=Decimal(0), seen_at=tx.now, credited_at=None, final_at=None,
    )  # fmt: skip


def _gone(tx: Tx, deposit: Deposit) -> Deposit:
    if deposit.place is not None:
        return refunding.taken_back(tx, booking.reverse(tx, deposit))
    deposit = booking.carry_no_more(tx, deposit)
    return deposit if deposit.status in _ABSENT else booking.moved(deposit, _S.ORPHANED)


def _in_block(tx: Tx, deposit: Deposit, told: DepositOut) -> Deposit:
    other_block = told.block != deposit.block
    other_content = (told.asset, told.amount, told.address, told.memo) != (
        deposit.asset, deposit.amount, deposit.address, deposit.memo,
    )  # fmt: skip
    if other_content or (other_block and deposit.confirmations < deposit.to_credit):
        deposit = _gone(tx, deposit)  # nobody told us, and still it has left the block where we knew it
    if deposit.place is not None:
        return booking.settle(tx, replace(deposit, block=told.block))
    known = deposit.status not in _ABSENT
    deposit = replace(deposit, block=told.block) if known else _appeared(tx, deposit, told)
    if deposit.confirmations >= deposit.to_credit:
        return booking.book(tx, deposit)
    return booking.moved(deposit, rules.shallow(deposit))


def _appeared(tx: Tx, deposit: Deposit, told: DepositOut) -> Deposit:
    """In a block, for the first time or again: whose it is and how deep it must lie is decided now."""
    owner = _owner(tx, told)
    offer = booking.offer_of(tx, network=told.network, asset=told.asset)
    depth = rules.depth(
        confirmations=told.final_at if offer is None else offer.confirmations,
        final=told.final_at if offer is None else offer.final_confirmations,
        told_until=told.final_at,
        large=rules.is_large(told.amount, price_of(told.asset)),
    )
    deposit = replace(
        deposit, asset=told.asset, amount=told.amount, address=told.address, memo=told.memo, block=told.block,
        customer_id=deposit.customer_id if deposit.shortage else owner, to_credit=depth.to_credit, to_final=depth.to_final,
    )  # fmt: skip
    if owner is not None:
        fact = events.DepositSeen(
            deposit.id, owner, told.asset, told.network, told.amount, told.txid, depth.to_credit
        )  # fmt: skip
        outbox.publish(tx, fact, key=str(deposit.id))
    return booking.moved(deposit, _S.SEEN)


def _owner(tx: Tx, told: DepositOut) -> UUID | None:
    """The customer whom we gave this address to, if the custodian says the same. Two who disagree leave it to a person."""
    ours = addresses.owner_of(tx, network=told.network, address=told.address, memo=told.memo)
    if ours is None or refs.read_owner(told.owner_ref) != Owner(tx.tenant_id, ours):
        return None
    return ours


def price_of(asset: str) -> Decimal | None:
    """Of one unit in the reporting currency; None where nobody has one."""
    if asset == REPORTING:
        return Decimal(1)
    try:
        return quotes.load(f"{asset}-{REPORTING}").composite.price
    except QuotesUnavailable:
        return None
