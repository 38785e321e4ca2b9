"""Taking transfers, and moving each through its life. The rule that decides: bytes are stored, then sent, and only stored bytes are sent.

Every function here is one transaction or none; what is asked of the chain is asked by `worker` between them. Two workers may do the same
thing at once: a row is locked before it is judged, and judged as it is then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel import db, failpoints
from kernel.clock import wall
from kernel.db import Tx
from kernel.ids import uuid7
from kernel.money import fits_scale
from wallet_bridge.custodian import counters, errors
from wallet_bridge.custodian.addresses import service as addresses
from wallet_bridge.custodian.chains.port import CannotPay, Mined, Output, Payment, Wish, WouldFail
from wallet_bridge.custodian.cold import drafts
from wallet_bridge.custodian.feed import service as feed
from wallet_bridge.custodian.house import House
from wallet_bridge.custodian.keys import DEPOSITS, HOT
from wallet_bridge.custodian.networks import Network
from wallet_bridge.custodian.outputs import service as outputs
from wallet_bridge.custodian.transfers import inclusion, queries
from wallet_bridge.custodian.transfers.record import Attempt, Transfer, shown
from wallet_bridge.custodian.whitelist import service as whitelist
from wallet_bridge.wire.schemas import TransferIn, TransferOut
from wallet_bridge.wire.states import DestinationType, EventType, Source, TransferState

_S = TransferState
_COLD_APPROVALS = 2
failpoints.declare(
    "custody.taken.before_commit",
    "custody.taken.after_commit",
    "custody.cancelled.before_commit",
    "custody.cancelled.after_commit",
    "custody.sign.before_commit",
    "custody.sign.after_commit",
    "custody.replaced.before_commit",
    "custody.replaced.after_commit",
    "custody.send.before",
    "custody.send.after",
    "custody.sent.before_commit",
    "custody.sent.after_commit",
    "custody.located.before_commit",
    "custody.located.after_commit",
)
_EVENT = {
    _S.BROADCAST: EventType.TRANSFER_BROADCAST,
    _S.CONFIRMING: EventType.TRANSFER_CONFIRMING,
    _S.FINAL: EventType.TRANSFER_FINAL,
    _S.FAILED: EventType.TRANSFER_FAILED,
}


# Taking --------------------------------------------------------------------------------------------------------------------------


def take(house: House, wanted: TransferIn) -> tuple[TransferOut, bool]:
    """The transfer of this reference, and whether it is new.

    Raises:
        NetworkUnknown, AmountUnfit, AddressInvalid, DestinationUnfit, ClientRefConflict
    """
    if wanted.client_ref.startswith(inclusion.HOUSE):
        raise errors.ClientRefConflict(f"references that begin with {inclusion.HOUSE} are the custodian's own")
    with db.transaction() as tx:
        taken = take_within(tx, house, wanted)
        failpoints.hit("custody.taken.before_commit")
    failpoints.hit("custody.taken.after_commit")
    return taken


def take_within(tx: Tx, house: House, wanted: TransferIn) -> tuple[TransferOut, bool]:
    """`take` as a step, also under a reference of the house.

    Raises:
        NetworkUnknown, AmountUnfit, AddressInvalid, DestinationUnfit, ClientRefConflict
    """
    digest = hashlib.sha256(wanted.model_dump_json().encode()).digest()
    known = queries.by_ref(tx, wanted.client_ref)
    if known is None:
        one = _read(tx, house, wanted)
        if queries.insert(tx, one, digest=digest):
            return shown_in(tx, one.id), True
    found, told = queries.digest_of(tx, wanted.client_ref)
    if told != digest:
        raise errors.ClientRefConflict
    return shown_in(tx, found), False


def _read(tx: Tx, house: House, wanted: TransferIn) -> Transfer:
    network = house.network(wanted.network)
    asset = network.asset(wanted.asset)
    if wanted.amount <= 0 or not fits_scale(wanted.amount, asset.decimals):
        raise errors.AmountUnfit
    if wanted.amount < network.smallest:
        raise errors.AmountUnfit("the network pays no such small amount")
    if wanted.fee_cap < 0 or not fits_scale(wanted.fee_cap, network.asset(network.native).decimals):
        raise errors.AmountUnfit(
            "the fee's cap must not be negative and have no more decimals than the network's own coin"
        )
    address, memo = _destination(tx, house, wanted)
    now = wall()
    return Transfer(
        id=uuid7(), client_ref=wanted.client_ref, request=wanted.model_dump(mode="json"), source=wanted.source,
        payer=_payer(tx, house, wanted), network=wanted.network, asset=wanted.asset, amount=wanted.amount, fee_cap=wanted.fee_cap,
        address=address, memo=memo, state=_S.ACCEPTED, confirmations=0, txid=None, fee=None, reason=None, created_at=now,
        updated_at=now,
    )  # fmt: skip


def _destination(tx: Tx, house: House, wanted: TransferIn) -> tuple[str, str | None]:
    to = wanted.destination
    if to.type is DestinationType.COLD and to.address is None and to.whitelist_id is None:
        cold = house.network(wanted.network).cold
        if cold is None:
            raise errors.DestinationUnfit("this network has no cold wallet")
        trouble = drafts.trouble(tx, wanted.network) if house.network(wanted.network).safe else None
        if trouble is not None:
            raise errors.DestinationUnfit(trouble)
        return cold, None
    if to.type is DestinationType.HOT and to.address is None and to.whitelist_id is None:
        return house.hot(wanted.network), None
    if to.type is DestinationType.WHITELIST and to.whitelist_id is not None and to.address is None:
        return whitelist.active(tx, to.whitelist_id, network=wanted.network)
    if to.type is DestinationType.ADDRESS and to.address is not None and to.whitelist_id is None:
        address = house.chain(wanted.network).valid(to.address)
        if address is None:
            raise errors.AddressInvalid
        return address, to.memo
    raise errors.DestinationUnfit


def _payer(tx: Tx, house: House, wanted: TransferIn) -> str:
    """A deposit address pays into our own wallets and nowhere else."""
    hot = house.hot(wanted.network)
    if wanted.source is Source.HOT:
        if wanted.destination.type is DestinationType.HOT or _named(house, wanted) == hot:
            raise errors.DestinationUnfit("the hot wallet pays nothing to itself")
        if wanted.source_address is not None:
            raise errors.DestinationUnfit("only a deposit address is named as a source")
        return hot
    if wanted.source is Source.COLD:
        return _cold_payer(house, wanted)
    if house.network(wanted.network).utxo is not None:
        raise errors.DestinationUnfit("this network's deposits are paid from as they lie; none has to be moved first")
    source = house.chain(wanted.network).valid(wanted.source_address or "")
    if wanted.destination.type is not DestinationType.COLD and _named(house, wanted) != hot:
        raise errors.DestinationUnfit("deposit addresses are emptied into the hot or the cold wallet")
    if source is None or addresses.index_of(tx, wanted.network, source) is None:
        raise errors.AddressInvalid("this is no deposit address of ours")
    return source


def _named(house: House, wanted: TransferIn) -> str | None:
    """The address that is named itself, as the chain writes it."""
    return house.chain(wanted.network).valid(wanted.destination.address or "")


def _cold_payer(house: House, wanted: TransferIn) -> str:
    """The cold wallet pays what two people approved, into the hot wallet or to the whitelist."""
    network, to = house.network(wanted.network), wanted.destination
    drafted = network.safe is not None or (network.utxo is not None and network.utxo.cold is not None)
    if not drafted or network.cold is None or wanted.source_address is not None:
        raise errors.DestinationUnfit("this network has no cold wallet that is paid from here")
    into_hot = to.type is DestinationType.HOT or _named(house, wanted) == house.hot(wanted.network)
    if to.type is not DestinationType.WHITELIST and not into_hot:
        raise errors.DestinationUnfit("the cold wallet pays into the hot wallet and to the whitelist")
    if len({approval.by for approval in wanted.approvals}) < _COLD_APPROVALS:
        raise errors.DestinationUnfit("two people have to approve what leaves the cold wallet")
    return network.cold


def view(transfer_id: UUID) -> TransferOut:
    """Raises: TransferNotFound."""
    with db.read_only(repeatable=True) as tx:
        if queries.get(tx, transfer_id) is None:
            raise errors.TransferNotFound
        return shown_in(tx, transfer_id)


def view_by_ref(client_ref: str) -> TransferOut:
    """Raises: TransferNotFound."""
    with db.read_only(repeatable=True) as tx:
        found = queries.by_ref(tx, client_ref)
        if found is None:
            raise errors.TransferNotFound
        return shown_in(tx, found.id)


def cancel(transfer_id: UUID) -> TransferOut:
    """Before it is signed; again, nothing happens.

    Raises:
        TransferNotFound, AlreadySigned
    """
    with db.transaction() as tx:
        if queries.get(tx, transfer_id) is None:
            raise errors.TransferNotFound
        one = queries.lock(tx, transfer_id)
        if one.state is _S.ACCEPTED:
            drafts.drop(tx, one.id)
            queries.release_spends(tx, one.id)
            queries.move(tx, one, _S.CANCELLED)
            feed.add(tx, EventType.TRANSFER_CANCELLED, shown_in(tx, one.id))
        elif one.state is not _S.CANCELLED:
            raise errors.AlreadySigned
        told = shown_in(tx, transfer_id)
        failpoints.hit("custody.cancelled.before_commit")
    failpoints.hit("custody.cancelled.after_commit")
    return told


def shown_in(tx: Tx, transfer_id: UUID) -> TransferOut:
    """As it stands within a transaction. Step."""
    one = queries.get(tx, transfer_id)
    assert one is not None, "a transfer is never deleted"
    return shown(one, queries.attempts(tx, [one.id])[one.id])


# Signing -------------------------------------------------------------------------------------------------------------------------


def waiting(network: str) -> Mapping[str, list[Wish]]:
    """What each payer has to sign."""
    with db.read_only() as tx:
        return _by_payer(queries.waiting(tx, network))


def _by_payer(transfers: Sequence[Transfer]) -> Mapping[str, list[Wish]]:
    found: dict[str, list[Wish]] = {}
    for one in transfers:
        found.setdefault(one.payer, []).append(Wish(one.asset, one.address, one.amount))
    return found


@dataclass(frozen=True, slots=True)
class Account:
    """Who pays: what the chain said of them, as of which block, and where their nonces begin if they were never ours before."""

    materials: Any
    height: int
    first_nonce: int | None


def sign_all(house: House, network: str, accounts: Mapping[str, Account]) -> int:
    """Sign and store what waits, the oldest first; answers how many. What cannot be paid now says why and lets the others go before."""
    done, after = 0, UUID(int=0)
    while True:
        with db.transaction() as tx:
            one = queries.lock_next(tx, network, after=after)
            if one is None:
                return done
            after = one.id
            signed = one.payer in accounts and _sign(tx, house, one, accounts[one.payer])
            if signed:
                failpoints.hit("custody.sign.before_commit")
        if signed:
            failpoints.hit("custody.sign.after_commit")
        done += signed


def _sign(tx: Tx, house: House, one: Transfer, account: Account) -> bool:
    counter = f"nonce:{one.payer}"
    nonce = None
    if account.first_nonce is not None:
        nonce = counters.lock(tx, one.network, counter, first=account.first_nonce)
    try:
        made = house.chain(one.network).sign(account.materials, _payment(tx, house, one, account, nonce=nonce))
    except WouldFail as error:
        _move(tx, one, _S.FAILED, reason=str(error))
        return False
    except CannotPay as error:
        queries.wait_for(tx, one.id, str(error))
        return False
    queries.add_attempt(tx, one, made, number=1, nonce=nonce)
    outputs.use(tx, one.network, one.id, made.spends)
    if nonce is not None:
        counters.advance(tx, one.network, counter)
    queries.move(tx, one, _S.SIGNED)
    feed.add(tx, EventType.TRANSFER_SIGNED, shown_in(tx, one.id))
    return True


def _payment(
    tx: Tx, house: House, one: Transfer, account: Account, *, nonce: int | None, replaces: Attempt | None = None
) -> Payment:
    branch, index = HOT, 0
    if one.source is Source.DEPOSITS:
        own = addresses.index_of(tx, one.network, one.payer)
        assert own is not None, "checked when it was taken"
        branch, index = DEPOSITS, own
    network = house.network(one.network)
    leaving = queries.still_leaving(
        tx, network=one.network, payers=[one.payer], native=network.native, height=account.height, besides=one.id
    )
    used, free = _outputs(tx, network, one) if network.utxo else ((), ())
    return Payment(
        payer=one.payer, branch=branch, index=index, asset=one.asset, amount=one.amount, address=one.address, memo=one.memo,
        fee_cap=one.fee_cap, nonce=nonce, leaving=leaving, instead_of=replaces.max_fee if replaces else None,
        replaces=replaces.raw if replaces else None, spends=used, free=free,
    )  # fmt: skip


def _outputs(tx: Tx, network: Network, one: Transfer) -> tuple[Sequence[Output], Sequence[Output]]:
    """What it uses already, and what nobody uses; until the commit nobody else chooses."""
    outputs.hold(tx, one.network)
    return outputs.used(tx, one.network, one.id), outputs.free(tx, one.network, final=network.confirmations)


def stuck(house: House, network: str) -> Mapping[str, list[Wish]]:
    """What no block has taken for too long, by payer."""
    return _by_payer([one for one, attempts in under_way(house, network) if _is_stuck(house, one, attempts[-1])])


def _is_stuck(house: House, one: Transfer, last: Attempt) -> bool:
    long_ago = wall() - timedelta(seconds=house.network(one.network).bump_after_s)
    # Also one that the node did not take when it was shown: fees may have risen since it was signed.
    shown_once = one.state in {_S.SIGNED, _S.BROADCAST} and last.sent_at is not None
    return shown_once and one.source is not Source.COLD and last.created_at < long_ago


def replace_stuck(house: House, network: str, accounts: Mapping[str, Account]) -> int:
    """Outbid the last attempt of what no block has taken for too long, within the cap; answers how many. The first one may still win."""
    done = 0
    with db.read_only() as tx:
        candidates = [one.id for one in queries.open_ones(tx, network) if one.payer in accounts]
    for transfer_id in candidates:
        with db.transaction() as tx:
            one = queries.lock(tx, transfer_id)
            last = queries.attempts(tx, [one.id])[one.id][-1]
            replaced = _is_stuck(house, one, last) and _replace(tx, house, one, last, accounts[one.payer])
            if replaced:
                failpoints.hit("custody.replaced.before_commit")
        if replaced:
            failpoints.hit("custody.replaced.after_commit")
        done += replaced
    return done


def _replace(tx: Tx, house: House, one: Transfer, last: Attempt, account: Account) -> bool:
    try:
        payment = _payment(tx, house, one, account, nonce=last.nonce, replaces=last)
        made = house.chain(one.network).sign(account.materials, payment)
    except CannotPay as error:
        queries.wait_for(tx, one.id, str(error))
        return False
    queries.add_attempt(tx, one, made, number=last.number + 1, nonce=last.nonce)
    outputs.use(tx, one.network, one.id, made.spends)
    feed.add(tx, EventType.TRANSFER_REPLACED, shown_in(tx, one.id))
    return True


# What became of it ---------------------------------------------------------------------------------------------------------------


def under_way(house: House, network: str) -> list[tuple[Transfer, list[Attempt]]]:
    """Everything that is signed and not final, with its bytes; but for what a Safe does, which has a course of its own."""
    safe = house.network(network).safe is not None
    with db.read_only(repeatable=True) as tx:
        found = [one for one in queries.open_ones(tx, network) if not (safe and one.source is Source.COLD)]
        known = queries.attempts(tx, [one.id for one in found])
        return [(one, known[one.id]) for one in found]


def taken_back(network: str) -> Sequence[tuple[str, bytes]]:
    """(txid, bytes) of payments that a reorganisation took back although they were final."""
    with db.read_only() as tx:
        return queries.taken_back(tx, network)


def told_node(transfer_id: UUID, number: int, *, error: str | None) -> None:
    """The bytes were shown to the node. What it said against them decides nothing: they may be on the chain all the same."""
    with db.transaction() as tx:
        one = queries.lock(tx, transfer_id)
        queries.mark_sent(tx, transfer_id, number, error=error)
        if error is None and one.state is _S.SIGNED:
            _move(tx, one, _S.BROADCAST)
        failpoints.hit("custody.sent.before_commit")
    failpoints.hit("custody.sent.after_commit")


@dataclass(frozen=True, slots=True)
class OnChain:
    """What a block has, and how many blocks stand on it, that one counted. `cost`: of all attempts, where more than one may be in a block.

    Most often it is an attempt of ours; what enough owners of a Safe have signed, anybody can hand in.
    """

    txid: str
    mined: Mined
    confirmations: int
    cost: Decimal | None = None


def on_chain(house: House, transfer_id: UUID, found: OnChain) -> None:
    """A block has one of its attempts; deep enough, it is final, or has failed where it did nothing but cost its fee."""
    with db.transaction() as tx:
        one = queries.lock(tx, transfer_id)
        if one.state is _S.ACCEPTED:  # somebody else handed it in
            queries.move(tx, one, _S.SIGNED)
            feed.add(tx, EventType.TRANSFER_SIGNED, shown_in(tx, one.id))
            one = replace(one, state=_S.SIGNED)
        if one.state not in {_S.SIGNED, _S.BROADCAST, _S.CONFIRMING}:
            return
        inclusion.forget(tx, one.id, besides=found.txid)
        inclusion.note(tx, one.network, {found.txid: found.mined})
        deep = found.confirmations >= house.network(one.network).confirmations
        if not deep:
            if (one.state, one.txid, one.confirmations) != (_S.CONFIRMING, found.txid, found.confirmations):
                _move(tx, one, _S.CONFIRMING, found)
        else:
            if one.state is not _S.CONFIRMING:
                queries.move(tx, one, _S.CONFIRMING, txid=found.txid)
                one = replace(one, state=_S.CONFIRMING)
            _move(tx, one, _S.FINAL if found.mined.ok else _S.FAILED, found)
            _let_go_of_the_rest(tx, house, one, found.txid)
        failpoints.hit("custody.located.before_commit")
    failpoints.hit("custody.located.after_commit")


def _let_go_of_the_rest(tx: Tx, house: House, one: Transfer, txid: str) -> None:
    """What only its other attempts would have spent is free: none of them can be included any more."""
    for attempt in queries.attempts(tx, [one.id])[one.id]:
        if attempt.txid == txid:
            outputs.let_go(tx, one.network, one.id, but=house.chain(one.network).inputs(attempt.raw))


def off_chain(transfer_id: UUID) -> None:
    """No block has any of its attempts (any more)."""
    with db.transaction() as tx:
        one = queries.lock(tx, transfer_id)
        if one.state is _S.CONFIRMING:
            inclusion.forget(tx, one.id)
            _move(tx, one, _S.BROADCAST)


def overtaken(
    transfer_id: UUID,
    reason: str = "another transaction of this account used its nonce",
    *,
    txid: str | None = None,
    cost: Decimal | None = None,
) -> None:
    """A final block has something else in its place: none of its attempts can ever pay. `cost` and `txid`: of what was included."""
    with db.transaction() as tx:
        one = queries.lock(tx, transfer_id)
        if one.state in {_S.ACCEPTED, _S.SIGNED, _S.BROADCAST}:
            queries.release_spends(tx, one.id)
            queries.move(tx, one, _S.FAILED, txid=txid, fee=cost or None, reason=reason)
            feed.add(tx, _EVENT[_S.FAILED], shown_in(tx, one.id))


def _move(tx: Tx, one: Transfer, to: TransferState, found: OnChain | None = None, *, reason: str | None = None) -> None:
    txid, confirmations = (found.txid, found.confirmations) if found else (None, 0)
    fee = None if found is None else found.mined.fee if found.cost is None else found.cost
    if to is _S.FAILED and reason is None:
        reason = "the transaction was included and did not succeed"
    queries.move(tx, one, to, txid=txid, fee=fee, confirmations=confirmations, reason=reason)
    feed.add(tx, _EVENT[to], shown_in(tx, one.id))


def leaving(house: House, network: str, payer: str, *, height: int) -> Mapping[str, Decimal]:
    """What stored bytes will still take of what an account held at this height, by asset."""
    with db.read_only() as tx:
        return leaving_of(tx, house, network, [payer], height=height)


def leaving_of(tx: Tx, house: House, network: str, payers: Sequence[str], *, height: int) -> Mapping[str, Decimal]:
    """`leaving` of several accounts together. Step."""
    native = house.network(network).native
    return queries.still_leaving(tx, network=network, payers=payers, native=native, height=height)


def promised(tx: Tx, house: House, network: str, asset: str, *, height: int) -> Decimal:
    """What of the hot wallet's balance at this height is somebody's: it still leaves, or waits to be signed. Step."""
    hot = house.hot(network)
    leaves = leaving_of(tx, house, network, [hot], height=height).get(asset, Decimal(0))
    return leaves + sum(one.amount for one in queries.waiting(tx, network) if (one.payer, one.asset) == (hot, asset))
