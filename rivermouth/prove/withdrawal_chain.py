"""What the chain itself says of the hot wallet: every transaction it ever sent, by receiver, and what each of them cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from rivermouth.prove.withdrawal_house import COIN, DECIMALS, TOKEN, Row
from wallet_bridge.withdrawals.states import WITHDRAWAL, WithdrawalState

Payment = tuple[str, Decimal]
"""The asset and how much of it."""


@dataclass(slots=True)
class Outflow:
    """`paid`: every payment by who received it, in small letters."""

    paid: dict[str, list[Payment]] = field(default_factory=lambda: defaultdict(list))
    fees: Decimal = Decimal(0)
    transactions: int = 0


def outflow(ask: Callable[..., Any], *, hot: str, token: str, first: int) -> Outflow:
    """From the block `first` to the tip, as the node answers."""
    found = Outflow()
    for height in range(first, int(ask("eth_blockNumber"), 16) + 1):
        block = ask("eth_getBlockByNumber", hex(height), True)
        ours = [one for one in block["transactions"] if one["from"].lower() == hot.lower()]
        if ours:
            receipts = {one["transactionHash"]: one for one in ask("eth_getBlockReceipts", hex(height))}
            for one in ours:
                _count(found, one, receipts[one["hash"]], token.lower())
    return found


def _count(found: Outflow, sent: Any, receipt: Any, token: str) -> None:
    found.transactions += 1
    found.fees += _amount(int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16), COIN)
    if int(receipt["status"], 16) != 1:
        return
    if value := int(sent["value"], 16):
        found.paid[sent["to"].lower()].append((COIN, _amount(value, COIN)))
    for entry in receipt["logs"]:
        _, sender, to = (topic[-40:].lower() for topic in entry["topics"])
        if entry["address"].lower() == token and sent["from"].lower().endswith(sender):
            found.paid[f"0x{to}"].append((TOKEN, _amount(int(entry["data"], 16), TOKEN)))


def _amount(units: int, asset: str) -> Decimal:
    return Decimal(units).scaleb(-DECIMALS[asset])


@dataclass(slots=True)
class Verdict:
    """Each withdrawal as the books have it in the end, beside what its address got."""

    paid_once: int = 0
    given_back: int = 0
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def count(self, what: str) -> int:
        return len(self.wrong[what])

    @property
    def harm(self) -> int:
        """What no waiting makes good."""
        return sum(self.count(what) for what in (TWICE, LOST, BOTH))


TWICE, LOST, BOTH, OPEN, OTHER, STRANGER = WRONGS = (
    "paid twice", "final and not paid", "paid and given back", "never ended", "paid otherwise", "paid to a stranger",
)  # fmt: skip


def judge(rows: Iterable[Row], flow: Outflow) -> Verdict:
    """An address that cannot be may be named by many: nobody may pay it."""
    found, known = Verdict(), set[str]()
    for row in rows:
        known.add(row.address.lower())
        got = flow.paid.get(row.address.lower(), [])
        wrong = _wrong(row, got)
        if wrong is not None:
            found.wrong[wrong].append(f"{row.id} is {row.state} ({row.reason}), its address got {got}")
        elif row.state == WithdrawalState.FINAL:
            found.paid_once += 1
        else:
            found.given_back += 1
    for address in flow.paid.keys() - known:
        found.wrong[STRANGER].append(address)
    return found


def _wrong(row: Row, got: list[Payment]) -> str | None:
    if len(got) > 1:
        return TWICE
    if row.state not in WITHDRAWAL.terminal:
        return OPEN
    if row.state != WithdrawalState.FINAL:
        return BOTH if got else None
    if not got:
        return LOST
    return None if got == [(row.asset, row.amount)] else OTHER
