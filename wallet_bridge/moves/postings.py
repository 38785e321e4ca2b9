"""What a transfer of treasury posts; all of it together moves the house's total by nothing but the fee.

leaves    in_transit.treasury -amount, expense.network_fees -fee    venue.<source> +(amount + fee)
arrives   venue.<destination> -amount                               in_transit.treasury +amount
"""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from kernel.db import Tx
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.chart import JournalIn, Line
from payments.journal import service as journal
from wallet_bridge.funds.service import custody_account

TRANSIT = "in_transit.treasury"


def left(tx: Tx, *, transfer_id: UUID, source: str, asset: str, amount: Decimal, fee: Decimal) -> UUID:
    lines = _leaving(tx, source, asset, amount, fee)
    return _post(tx, key=f"s/treasury-left:{transfer_id}", kind="treasury_left", transfer_id=transfer_id, lines=lines)


def sent_back(tx: Tx, *, transfer_id: UUID, source: str, asset: str, amount: Decimal, fee: Decimal) -> UUID:
    """The venue took it and did not send it after all: the mirror of `left`."""
    lines = [Line(line.account_id, -line.amount) for line in _leaving(tx, source, asset, amount, fee)]
    return _post(tx, key=f"s/treasury-back:{transfer_id}", kind="treasury_back", transfer_id=transfer_id, lines=lines)


def arrived(tx: Tx, *, transfer_id: UUID, destination: str, asset: str, amount: Decimal) -> UUID:
    lines = [Line(custody_account(tx, venue=destination, asset=asset), -amount), Line(_transit(tx, asset), amount)]
    return _post(
        tx, key=f"s/treasury-arrived:{transfer_id}", kind="treasury_arrived", transfer_id=transfer_id, lines=lines
    )


def _leaving(tx: Tx, source: str, asset: str, amount: Decimal, fee: Decimal) -> list[Line]:
    expense = accounts.house(
        tx, path="expense.network_fees", asset=asset, kind=AccountKind.EXPENSE, normal_side="debit"
    )
    custody = custody_account(tx, venue=source, asset=asset)
    return [Line(_transit(tx, asset), -amount), Line(expense, -fee), Line(custody, amount + fee)]


def _transit(tx: Tx, asset: str) -> int:
    return accounts.house(tx, path=TRANSIT, asset=asset, kind=AccountKind.IN_TRANSIT, normal_side="debit")


def _post(tx: Tx, *, key: str, kind: str, transfer_id: UUID, lines: list[Line]) -> UUID:
    return journal.post(tx, [JournalIn(key=key, kind=kind, lines=lines, meta={"transfer": str(transfer_id)})])[0]
