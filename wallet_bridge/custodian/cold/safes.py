"""Drafts for a Safe: a SafeTx made of the approved row, the signatures of its owners, and the hot wallet's transaction that hands both in.

What is stored is believed as little as what is handed in: each use reads the SafeTx anew, holds every field of it against the row, and
recovers every signature. Whether the Safe is what it seems is asked of the chain by `vault`, and kept for doors that ask no chain.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from kernel import db, failpoints
from kernel.db import Tx
from wallet_bridge.custodian import counters, errors
from wallet_bridge.custodian.chains.evm import EvmChain
from wallet_bridge.custodian.chains.port import CannotPay, Payment, Wish
from wallet_bridge.custodian.chains.safes import Allowed, NoOwnersSignature, Safe, SafeState, SafeTx, fields_of
from wallet_bridge.custodian.cold import drafts
from wallet_bridge.custodian.cold.drafts import Draft
from wallet_bridge.custodian.feed import service as feed
from wallet_bridge.custodian.house import House
from wallet_bridge.custodian.keys import HOT
from wallet_bridge.custodian.networks import Network
from wallet_bridge.custodian.transfers import queries
from wallet_bridge.custodian.transfers.record import Attempt, Transfer
from wallet_bridge.custodian.transfers.service import Account, shown_in
from wallet_bridge.wire.schemas import ColdOut, ColdPays
from wallet_bridge.wire.states import EventType, TransferState


def safe_of(network: Network) -> Safe:
    address, chain_id = network.cold, network.chain_id
    assert address is not None, "checked when the file was read"
    assert chain_id is not None, "checked when the file was read"
    return Safe(address, chain_id)


def allowed(network: Network) -> Allowed:
    assert network.safe is not None, "asked of networks whose cold wallet is a Safe"
    return Allowed(network.safe.modules, network.safe.guard, network.safe.fallback_handler)


@dataclass(frozen=True, slots=True)
class Open:
    """A transfer out of a Safe that is drafted and not at its end."""

    transfer: Transfer
    draft: Draft
    attempts: Sequence[Attempt]


def open_ones(network: str) -> list[Open]:
    """In the order in which the Safe will do them."""
    with db.read_only(repeatable=True) as tx:
        found = [(one, drafts.get(tx, one.id)) for one in queries.open_cold(tx, network)]
        known = queries.attempts(tx, [one.id for one, _ in found])
    opened = [Open(one, draft, known[one.id]) for one, draft in found if draft is not None]
    return sorted(opened, key=lambda each: each.draft.nonce or 0)


# Drafts ----------------------------------------------------------------------------------------------------------------------------


def made(tx: Tx, house: House, one: Transfer, state: SafeState, held: Mapping[str, Decimal]) -> Draft:
    """What its owners would be asked to sign. Step.

    Raises:
        CannotPay
    """
    if state.trouble is not None:
        raise CannotPay(state.trouble)
    drafts.hold_safe(tx, one.network)
    opened = drafts.of_safe(tx, one.network)
    waits = sum((amount for nonce, asset, amount in opened if asset == one.asset and nonce >= state.nonce), Decimal(0))
    if held.get(one.asset, Decimal(0)) - waits < one.amount:
        raise CannotPay("the wallet does not hold enough")
    taken = {nonce for nonce, _asset, _amount in opened}
    nonce = next(number for number in range(state.nonce, state.nonce + len(taken) + 1) if number not in taken)
    to, value, data = _evm(house, one.network).call(Wish(one.asset, one.address, one.amount))
    draft = Draft(SafeTx(to, value, bytes.fromhex(data[2:]), nonce).encoded(), nonce=nonce, height=state.height)
    _check(house, one, draft)
    return draft


def draft(tx: Tx, house: House, one: Transfer, state: SafeState, held: Mapping[str, Decimal], plan: Draft) -> Draft:
    """Stored, where it is still what was planned. Step.

    Raises:
        CannotPay
    """
    if made(tx, house, one, state, held) != plan:
        raise CannotPay("the Safe's next number was taken meanwhile")
    drafts.add(tx, one.id, plan)
    queries.wait_for(tx, one.id, _waits(state, 0))
    return plan


def _waits(state: SafeState, signed: int) -> str:
    return f"{signed} of the {state.threshold} signatures that it needs are there, of {len(state.owners)} owners"


def _evm(house: House, name: str) -> EvmChain:
    chain = house.chain(name)
    assert isinstance(chain, EvmChain), "checked when the file was read"
    return chain


# What the bytes say ----------------------------------------------------------------------------------------------------------------


def _check(house: House, one: Transfer, draft: Draft) -> ColdPays:
    """Read the draft and hold it against its row.

    Raises:
        DraftUnfit
    """
    network = house.network(one.network)
    try:
        told = fields_of(draft.raw)
    except ValueError:
        raise errors.DraftUnfit("the draft is no transaction of a Safe") from None
    if told["operation"] != 0:
        raise errors.DraftUnfit("the draft would run foreign code as the wallet itself")
    chain, safe = _evm(house, one.network), safe_of(network)
    said = chain.said(told["to"], told["value"], told["data"])
    if said != Wish(one.asset, one.address, one.amount) or safe.address in {told["to"], said.address}:
        raise errors.DraftUnfit("the draft does something else than its transfer pays")
    plain = SafeTx(told["to"], told["value"], told["data"], draft.nonce or 0)
    if plain.encoded() != draft.raw:
        raise errors.DraftUnfit("the draft has another number, or pays somebody for its gas")
    return ColdPays(address=said.address, amount=said.amount, change=False)


def shown(tx: Tx, house: House, one: Transfer, draft: Draft) -> ColdOut:
    """What the bytes say, with the signatures so far. Step.

    Raises:
        DraftUnfit
    """
    pays, safe, state = _check(house, one, draft), safe_of(house.network(one.network)), _trusted(tx, one.network)
    return ColdOut(
        transfer_id=one.id, client_ref=one.client_ref, state=one.state, kind="safe", network=one.network, asset=one.asset,
        wallet=safe.address, digest="0x" + safe.digest(draft.raw).hex(), inputs=[], pays=[pays], fee=None, nonce=draft.nonce,
        needed=state.threshold, holders=list(state.owners), signed_by=list(_signatures(tx, safe, one, draft, state)),
        to_sign=json.dumps(safe.to_sign(draft.raw)),
    )  # fmt: skip


def _trusted(tx: Tx, network: str) -> SafeState:
    state = drafts.safe(tx, network)
    if state is None:
        raise errors.DraftUnfit("the Safe was not read yet")
    if state.trouble is not None:
        raise errors.DraftUnfit(state.trouble)
    return state


def take(tx: Tx, house: House, one: Transfer, draft: Draft, text: str) -> None:
    """An owner's signature. Step.

    Raises:
        DraftUnfit, SignatureUnfit
    """
    _check(house, one, draft)
    state, safe = _trusted(tx, one.network), safe_of(house.network(one.network))
    try:
        signature = bytes.fromhex(text.removeprefix("0x"))
        owner = safe.signer(draft.raw, signature)
    except NoOwnersSignature as error:
        raise errors.SignatureUnfit(str(error)) from None
    except ValueError:
        raise errors.SignatureUnfit("this is no signature in hex") from None
    if owner not in state.owners:
        raise errors.SignatureUnfit(
            "no owner of the Safe has signed this: it is somebody else's signature, or over something else"
        )
    drafts.sign(tx, one.id, {(0, bytes.fromhex(owner[2:])): signature})


def _signatures(tx: Tx, safe: Safe, one: Transfer, draft: Draft, state: SafeState) -> Mapping[str, bytes]:
    """By owner: those of today's owners, over this draft."""
    found = {}
    for signature in drafts.signatures(tx, one.id).values():
        try:
            signer = safe.signer(draft.raw, signature)
        except NoOwnersSignature:
            continue
        if signer in state.owners:
            found[signer] = signature
    return found


# What the chain says of it -----------------------------------------------------------------------------------------------------------


def keep(house: House, network: str, state: SafeState) -> bool:
    """What was read just now; answers whether it is trusted less or more than before.

    Where other signatures count than before, each draft that waits for them is told anew. A hand-in locks its transfer before it looks at
    the owners, so of two tellings about one draft the later event is always the newer one.
    """
    with db.transaction() as tx:
        before = drafts.safe(tx, network)
        signers = before is not None and state.trouble is None and _signers(before) != _signers(state)
        waiting = [queries.lock(tx, one.id) for one in queries.open_cold(tx, network)] if signers else []
        drafts.put_safe(tx, network, safe_of(house.network(network)).address, state)
        for one in waiting:
            _tell_anew(tx, house, one)
    return before is None or before.trouble != state.trouble


def _signers(state: SafeState) -> tuple[frozenset[str], int, str | None]:
    return frozenset(state.owners), state.threshold, state.trouble


def _tell_anew(tx: Tx, house: House, one: Transfer) -> None:
    draft = drafts.get(tx, one.id)
    if draft is None or one.state is not TransferState.ACCEPTED:
        return
    try:
        feed.add(tx, EventType.COLD_CHANGED, shown(tx, house, one, draft))
    except errors.DraftUnfit as error:
        queries.wait_for(tx, one.id, str(error))


# What enough of them signed --------------------------------------------------------------------------------------------------------


def ready(house: House, transfer_id: UUID, state: SafeState) -> Wish | None:
    """What the hot wallet has to call for it, where the Safe would do it now; else the transfer says what it waits for."""
    with db.transaction() as tx:
        one = queries.lock(tx, transfer_id)
        try:
            return _wish(tx, house, one, state)
        except (CannotPay, errors.DraftUnfit) as error:
            queries.wait_for(tx, one.id, str(error))
            return None


def _wish(tx: Tx, house: House, one: Transfer, state: SafeState) -> Wish:
    """Raises: CannotPay, DraftUnfit."""
    network, draft = house.network(one.network), drafts.get(tx, one.id)
    assert draft is not None, "asked of those that are drafted"
    safe = safe_of(network)
    _check(house, one, draft)
    if state.trouble is not None:
        raise CannotPay(state.trouble)
    signatures = _signatures(tx, safe, one, draft, state)
    if len(signatures) < state.threshold:
        raise CannotPay(_waits(state, len(signatures)))
    if draft.nonce != state.nonce:
        raise CannotPay(f"it has number {draft.nonce} of the Safe, which is at {state.nonce}: another one goes first")
    return Wish(network.native, safe.address, Decimal(0), safe.call(draft.raw, signatures))


def execute(
    house: House, each: Open, state: SafeState, account: Account, *, replaces: Attempt | None = None
) -> Attempt | None:
    """Sign and store the hot wallet's transaction for it; `replaces`: the attempt that it outbids, with the same nonce."""
    with db.transaction() as tx:
        one = queries.lock(tx, each.transfer.id)
        if one.state not in {TransferState.ACCEPTED, TransferState.BROADCAST, TransferState.SIGNED}:
            return None
        if len(queries.attempts(tx, [one.id])[one.id]) != len(each.attempts):
            return None  # somebody else was faster
        try:
            _store(tx, house, one, each, _wish(tx, house, one, state), account, replaces)
        except (CannotPay, errors.DraftUnfit) as error:
            queries.wait_for(tx, one.id, str(error))
            return None
        failpoints.hit("custody.sign.before_commit")
        stored = queries.attempts(tx, [one.id])[one.id][-1]
    failpoints.hit("custody.sign.after_commit")
    return stored


def _store(
    tx: Tx, house: House, one: Transfer, each: Open, wish: Wish, account: Account, replaces: Attempt | None
) -> None:
    hot, native = house.hot(one.network), wish.asset
    counter = f"nonce:{hot}"
    nonce = counters.lock(tx, one.network, counter, first=account.first_nonce or 0)
    leaving = queries.still_leaving(
        tx, network=one.network, payers=[hot], native=native, height=account.height, besides=one.id
    )
    payment = Payment(
        payer=hot, branch=HOT, index=0, asset=native, amount=wish.amount, address=wish.address, memo=None, data=wish.data,
        fee_cap=one.fee_cap - queries.fees_taken(tx, one.id), nonce=replaces.nonce if replaces else nonce, leaving=leaving,
        instead_of=replaces.max_fee if replaces else None, replaces=replaces.raw if replaces else None,
    )  # fmt: skip
    signed = house.chain(one.network).sign(account.materials, payment)
    queries.add_attempt(tx, one, signed, number=len(each.attempts) + 1, nonce=payment.nonce, payer=hot)
    if replaces is None:
        counters.advance(tx, one.network, counter)
    if one.state is TransferState.ACCEPTED:
        queries.move(tx, one, TransferState.SIGNED)
    feed.add(tx, EventType.TRANSFER_SIGNED if not each.attempts else EventType.TRANSFER_REPLACED, shown_in(tx, one.id))
