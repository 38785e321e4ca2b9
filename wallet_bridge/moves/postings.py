"""What a transfer of treasury posts; all of it together moves the house's total by nothing but the fee. A place is a venue or a wallet.

leaves    in_transit.treasury -amount, expense.network_fees -fee    <source> +(amount + fee)
arrives   <destination> -(amount + fine)                            in_transit.treasury +amount, deposits.residue +fine
settled   <destination> -more, expense.treasury_losses -missing     in_transit.treasury +(more + missing)
"""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from kernel.db import Tx
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.chart import JournalIn, Line
from payments.journal import service as journal
from wallet_bridge.custody import service as custody
from wallet_bridge.funds import service as funds
from wallet_bridge.moves import places

TRANSIT, LOSSES = "in_transit.treasury", "expense.treasury_losses"


def left(tx: Tx, *, transfer_id: UUID, source: str, asset: str, amount: Decimal, fee: Decimal) -> UUID:
    lines = _leaving(tx, source, asset, amount, fee)
    return _post(tx, key=f"s/treasury-left:{transfer_id}", kind="treasury_left", transfer_id=transfer_id, lines=lines)


def sent_back(tx: Tx, *, transfer_id: UUID, source: str, asset: str, amount: Decimal, fee: Decimal) -> UUID:
    """The venue took it and did not send it after all: the mirror of `left`."""
    lines = [Line(line.account_id, -line.amount) for line in _leaving(tx, source, asset, amount, fee)]
    return _post(tx, key=f"s/treasury-back:{transfer_id}", kind="treasury_back", transfer_id=transfer_id, lines=lines)


def arrived(tx: Tx, *, transfer_id: UUID, destination: str, asset: str, amount: Decimal, fine: Decimal) -> UUID:
    """`fine`: whole units that finer parts of a wallet's money have become with this; nobody's but the house's."""
    lines = [Line(_place(tx, destination, asset), -(amount + fine)), Line(_transit(tx, asset), amount)]
    if fine:
        residue = accounts.house(tx, path="deposits.residue", asset=asset, kind=AccountKind.HOUSE, normal_side="credit")
        lines.append(Line(residue, fine))
    return _post(
        tx, key=f"s/treasury-arrived:{transfer_id}", kind="treasury_arrived", transfer_id=transfer_id, lines=lines
    )


def settled(tx: Tx, *, transfer_id: UUID, destination: str, asset: str, more: Decimal, missing: Decimal) -> UUID:
    """`more` has come than was booked, `missing` never will; where it is below nothing, more came than had left."""
    loss = accounts.house(tx, path=LOSSES, asset=asset, kind=AccountKind.EXPENSE, normal_side="debit")
    lines = [Line(_transit(tx, asset), more + missing)]
    if more:
        lines.append(Line(_place(tx, destination, asset), -more))
    if missing:
        lines.append(Line(loss, -missing))
    return _post(
        tx, key=f"s/treasury-settled:{transfer_id}", kind="treasury_settled", transfer_id=transfer_id, lines=lines
    )


def _leaving(tx: Tx, source: str, asset: str, amount: Decimal, fee: Decimal) -> list[Line]:
    expense = accounts.house(
        tx, path="expense.network_fees", asset=asset, kind=AccountKind.EXPENSE, normal_side="debit"
    )
    return [
        Line(_transit(tx, asset), -amount),
        *([Line(expense, -fee)] if fee else []),
        Line(_place(tx, source, asset), amount + fee),
    ]


def _place(tx: Tx, place: str, asset: str) -> int:
    if places.is_wallet(place):
        return custody.custody_account(tx, network=places.network_of(place), asset=asset)
    return funds.custody_account(tx, venue=place, asset=asset)


def _transit(tx: Tx, asset: str) -> int:
    return accounts.house(tx, path=TRANSIT, asset=asset, kind=AccountKind.IN_TRANSIT, normal_side="debit")


def _post(tx: Tx, *, key: str, kind: str, transfer_id: UUID, lines: list[Line]) -> UUID:
    return journal.post(tx, [JournalIn(key=key, kind=kind, lines=lines, meta={"transfer": str(transfer_id)})])[0]
