"""What comes to the house's own addresses with the custodian: it ends the transfer that it is of, once the chain will not take it back.

While a transfer of the asset may still come, a deposit waits for it: the venue names the transaction when it likes to. What no transfer
can be waiting for any more is handed on and is a deposit like any other, whose owner nobody knows.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kernel import clock, db, log
from kernel.db import AnyRow, Tx
from kernel.money import canonical, floor_to_scale
from payments.assets import service as assets
from venues.moves import DepositReport
from wallet_bridge.custody import listeners
from wallet_bridge.custody import service as custody
from wallet_bridge.moves import arriving, places, queries, service
from wallet_bridge.moves.states import HouseDepositState, TransferState
from wallet_bridge.wire.schemas import DepositOut
from wallet_bridge.wire.states import EventType

_S = HouseDepositState
_log = log.get("treasury")


class HouseDeposits:
    """The listener (`wallet_bridge.custody.listeners.Deposits`)."""

    def seen(self, tx: Tx, event: EventType, deposit: DepositOut, *, seq: int) -> None:
        network, txid, output = deposit.network, deposit.txid, deposit.output
        queries.insert_house_deposit(tx, network=network, txid=txid, output=output, asset=deposit.asset)
        row = queries.lock_house_deposit(tx, network=network, txid=txid, output=output)
        if seq <= row.seq:
            return
        to = _after(_S(row.state), event)
        if _S(row.state) is _S.ARRIVED and event is EventType.DEPOSIT_ORPHANED:
            # Booked, and gone from the chain: the wallet's report will not fit the ledger, which reconciliation tickets.
            _log.error("house_deposit_taken_back", txid=deposit.txid, transfer=str(row.transfer_id))
        queries.change_house_deposit(
            tx, row, to, asset=deposit.asset, seq=seq, event=event.value, deposit=deposit.model_dump(mode="json")
        )
        if to is _S.FINAL:
            _judge(tx, queries.lock_house_deposit(tx, network=network, txid=txid, output=output))
        elif to is _S.STRAY:
            _hand_on(tx, event, deposit, seq)


def work_off(_at: datetime) -> None:
    """What waited for its transfer to be told. Step of the schedule."""
    with db.read_only() as tx:
        waiting = queries.house_deposits_waiting(tx)
    for name in waiting:
        with db.transaction(tenant=name.tenant_id) as tx:
            row = queries.lock_house_deposit(tx, network=name.network, txid=name.txid, output=name.output)
            if _S(row.state) is _S.FINAL:
                _judge(tx, row)


def _after(state: HouseDepositState, event: EventType) -> HouseDepositState:
    if state in {_S.ARRIVED, _S.STRAY}:
        return state
    if event is EventType.DEPOSIT_ORPHANED:
        return _S.ORPHANED
    return _S.FINAL if event is EventType.DEPOSIT_FINAL else _S.COMING


def _judge(tx: Tx, row: AnyRow) -> None:
    """Of a deposit that is final, its row locked."""
    told, place = DepositOut.model_validate(row.deposit), places.wallet(row.network)
    if told.asset in assets.all_assets():
        report = _report(told)
        for one in queries.coming(tx, destination=place):
            if arriving.is_it(one, report) and _arrived(tx, row, told, one.id):
                return
        if queries.expected(tx, destination=place, asset=told.asset):
            return
    queries.change_house_deposit(tx, row, _S.STRAY)
    _log.warning("house_deposit_stray", txid=told.txid, asset=told.asset, amount=canonical(told.amount))
    _hand_on(tx, EventType(row.event), told, row.seq)


def _arrived(tx: Tx, row: AnyRow, told: DepositOut, transfer_id: UUID) -> bool:
    waiting = queries.lock(tx, transfer_id)
    if waiting is None or waiting.state is not TransferState.IN_TRANSIT:
        return False  # somebody settled it since
    report = _report(told)
    fine = custody.carry(tx, network=told.network, asset=told.asset, change=told.amount - report.amount)
    done = service.arrived(tx, transfer_id, report, fine=fine)
    assert done, "it was in transit a line ago, and its row is locked"
    queries.change_house_deposit(tx, row, _S.ARRIVED, transfer_id=transfer_id)
    return True


def _report(told: DepositOut) -> DepositReport:
    """In whole units of the books; what is finer is carried with the wallet."""
    whole: Decimal = floor_to_scale(told.amount, assets.scale(told.asset))
    return DepositReport(
        venue_ref=f"{told.txid}:{told.output}", asset=told.asset, amount=Decimal(canonical(whole)), address=told.address,
        txid=told.txid, at=clock.wall(),
    )  # fmt: skip


def _hand_on(tx: Tx, event: EventType, deposit: DepositOut, seq: int) -> None:
    for listener in listeners.deposits():
        listener.seen(tx, event, deposit, seq=seq)
