"""A payment out of the cold wallet. We draft it from the row that was approved, and hold whatever comes back against that row again.

What a signer is shown is what the bytes say, not what somebody says about them: recipient, amount, fee and change are read out of the
draft itself each time, and a draft that says anything else than its row is shown to nobody and never sent. A chain of outputs has its
PSBT (`psbts`), an account its SafeTx (`safes`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

from kernel import db
from kernel.db import Tx
from wallet_bridge.custodian import errors
from wallet_bridge.custodian.chains.port import CannotPay
from wallet_bridge.custodian.cold import drafts, psbts, safes
from wallet_bridge.custodian.cold.drafts import Draft
from wallet_bridge.custodian.feed import service as feed
from wallet_bridge.custodian.house import House
from wallet_bridge.custodian.transfers import queries
from wallet_bridge.custodian.transfers.record import Transfer
from wallet_bridge.wire.schemas import ColdOut
from wallet_bridge.wire.states import EventType, TransferState


class Kind(Protocol):
    """Either module; steps."""

    def shown(self, tx: Tx, house: House, one: Transfer, draft: Draft) -> ColdOut: ...

    def take(self, tx: Tx, house: House, one: Transfer, draft: Draft, text: str) -> None: ...


def undrafted(network: str) -> Sequence[UUID]:
    """The transfers that wait for their draft."""
    with db.read_only() as tx:
        return drafts.undrafted(tx, network)


def planned(transfer_id: UUID, make: Callable[[Tx, Transfer], Draft]) -> Draft | None:
    """The draft that `make` makes of it, not stored. What cannot be drafted now (`CannotPay`) says why, and is tried again."""
    with db.transaction() as tx:
        one = queries.lock(tx, transfer_id)
        if one.state is not TransferState.ACCEPTED or drafts.get(tx, one.id) is not None:
            return None
        try:
            return make(tx, one)
        except (CannotPay, errors.DraftUnfit) as error:
            queries.wait_for(tx, one.id, str(error))
            return None


def draft(house: House, transfer_id: UUID, make: Callable[[Tx, Transfer], Draft]) -> None:
    """Like `planned`, and told: `make` stores what it makes, and nothing where it refuses."""
    with db.transaction() as tx:
        one = queries.lock(tx, transfer_id)
        if one.state is TransferState.ACCEPTED and drafts.get(tx, one.id) is None:
            try:
                made = make(tx, one)
                feed.add(tx, EventType.COLD_DRAFTED, _shown(tx, house, queries.lock(tx, one.id), made))
            except (CannotPay, errors.DraftUnfit) as error:
                queries.wait_for(tx, one.id, str(error))


def view(house: House, transfer_id: UUID) -> ColdOut:
    """The draft with the signatures so far, and what its bytes say.

    Raises:
        TransferNotFound, DraftUnfit
    """
    with db.read_only(repeatable=True) as tx:
        one = queries.get(tx, transfer_id)
        draft = None if one is None else drafts.get(tx, transfer_id)
        if one is None or draft is None:
            raise errors.TransferNotFound
        return _shown(tx, house, one, draft)


def hand_in(house: House, transfer_id: UUID, text: str) -> ColdOut:
    """Take a holder's signatures; with enough of them the transaction is stored, and sent like any other.

    Raises:
        TransferNotFound, SignatureUnfit, DraftUnfit
    """
    with db.transaction() as tx:
        if queries.get(tx, transfer_id) is None:
            raise errors.TransferNotFound
        one = queries.lock(tx, transfer_id)
        draft = drafts.get(tx, transfer_id)
        if draft is None:
            raise errors.TransferNotFound
        before = _shown(tx, house, one, draft)
        _kind(house, one).take(tx, house, one, draft, text)
        shown = _shown(tx, house, queries.lock(tx, one.id), draft)
        if len(shown.signed_by) > len(before.signed_by):
            feed.add(tx, EventType.COLD_COSIGNED, shown)
        return shown


def _shown(tx: Tx, house: House, one: Transfer, draft: Draft) -> ColdOut:
    return _kind(house, one).shown(tx, house, one, draft)


def _kind(house: House, one: Transfer) -> Kind:
    return psbts if house.network(one.network).safe is None else safes
