"""Kraken's funding calls. A withdrawal names an address by the key under which the account keeps it, and has no reference of the client's.

The amount holds the fee; the status list shows what arrives and the fee beside it.
"""

from collections.abc import Callable
from typing import Any

from kernel.money import canonical
from venues.simulator.core import VenueCore
from venues.simulator.dialects import kraken_rows as rows
from venues.simulator.dialects.kraken_auth import Form, KrakenError
from venues.simulator.dialects.numbers import decimal_or_none
from venues.simulator.moves import MoveRefused, Rail, SimDeposit, SimWithdrawal

NETWORKS = {"bitcoin": "Bitcoin", "ethereum": "Ethereum", "tron": "Tron"}
_METHODS = {
    ("BTC", "bitcoin"): "Bitcoin",
    ("ETH", "ethereum"): "Ether (Hex)",
    ("USDT", "ethereum"): "Tether USD (ERC20)",
    ("USDT", "tron"): "Tether USD (TRC20)",
}
_STATES = {"pending": "Pending", "done": "Success", "failed": "Failure"}
_REFUSALS = {
    "insufficient_funds": "EFunding:Insufficient funds",
    "below_minimum": "EFunding:Invalid amount",
    "network_closed": "EFunding:Withdrawals are disabled for this asset",
    "unknown_network": "EFunding:Unknown withdraw key",
    "bad_address": "EFunding:Unknown withdraw key",
}


class KrakenMoves:
    """`network_of` a withdrawal is that of the address's shape: the account's key would say it at the real venue."""

    def __init__(self, core: VenueCore) -> None:
        self._moves = core.moves

    def table(self) -> dict[str, Callable[[str, Form], Any]]:
        return {
            "WithdrawMethods": self.withdraw_methods,
            "DepositMethods": self.deposit_methods,
            "DepositAddresses": self.addresses,
            "Withdraw": self.withdraw,
            "WithdrawStatus": self.withdrawals,
            "DepositStatus": self.deposits,
        }

    def withdraw_methods(self, _account: str, form: Form) -> Any:
        return [
            {
                "asset": rows.asset_id(rail.asset), "method": _METHODS[rail.asset, rail.network], "method_id": rail.network,
                "network": NETWORKS[rail.network], "network_id": rail.network, "minimum": canonical(rail.minimum),
                "fee": {"aclass": "currency", "asset": rows.asset_id(rail.asset), "fee": canonical(self._moves.fee(rail))},
                "limits": [],
            }
            for rail in self._of(form)
            if self._moves.is_open("withdraw", rail)
        ]  # fmt: skip

    def deposit_methods(self, _account: str, form: Form) -> Any:
        return [
            {
                "method": _METHODS[rail.asset, rail.network],
                "limit": False,
                "fee": "0",
                "gen-address": True,
                "minimum": "0",
            }
            for rail in self._of(form)
            if self._moves.is_open("deposit", rail)
        ]

    def addresses(self, account: str, form: Form) -> Any:
        networks = [rail.network for rail in self._of(form) if _METHODS[rail.asset, rail.network] == form.get("method")]
        if not networks:
            raise KrakenError("EFunding:No funding method")
        return [{"address": self._moves.address(account, networks[0]), "expiretm": "0", "new": True}]

    def withdraw(self, account: str, form: Form) -> Any:
        total, asset, address = decimal_or_none(form.get("amount")), _asset(form), form.get("address", "")
        if total is None:
            raise KrakenError("EFunding:Invalid amount")
        if not form.get("key") or not address:
            raise KrakenError("EFunding:Unknown withdraw key")
        try:
            rail = self._moves.rail(asset, _network_of(address))
            made = self._moves.withdraw(
                account, asset=asset, network=rail.network, amount=total - self._moves.fee(rail), address=address, memo=None,
                client_id=None,
            )  # fmt: skip
        except MoveRefused as refused:
            raise KrakenError(_REFUSALS[refused.kind]) from None
        return {"refid": _ref("A", made.number)}

    def withdrawals(self, account: str, form: Form) -> Any:
        return [_withdrawal(one) for one in self._moves.sent(account, asset=_asset(form), since_ms=_since(form))]

    def deposits(self, account: str, form: Form) -> Any:
        return [_deposit(one) for one in self._moves.came(account, asset=_asset(form), since_ms=_since(form))]

    def _of(self, form: Form) -> list[Rail]:
        asset = _asset(form)
        return [rail for rail in self._moves.rails() if asset in {"", rail.asset}]


def _asset(form: Form) -> str:
    name = form.get("asset", "")
    return {rows.asset_id(asset): asset for asset, _ in _METHODS}.get(name, name)


def _network_of(address: str) -> str:
    return "ethereum" if address.startswith("0x") else "tron" if address.startswith("T") else "bitcoin"


def _since(form: Form) -> int:
    start = decimal_or_none(form.get("start", "0"))
    return 0 if start is None else int(start * 1000)


def _ref(letter: str, number: int) -> str:
    return f"{letter}{number:06d}-SIMULA-TORXYZ"


def _withdrawal(one: SimWithdrawal) -> Any:
    return {
        "method": _METHODS[one.asset, one.network], "network": NETWORKS[one.network], "aclass": "currency",
        "asset": rows.asset_id(one.asset), "refid": _ref("A", one.number), "txid": one.txid if one.state != "failed" else None,
        "info": one.address, "amount": canonical(one.amount), "fee": canonical(one.fee), "time": one.created_ms // 1000,
        "status": _STATES[one.state], "key": "treasury",
    }  # fmt: skip


def _deposit(one: SimDeposit) -> Any:
    return {
        "method": _METHODS[one.asset, one.network], "aclass": "currency", "asset": rows.asset_id(one.asset),
        "refid": _ref("B", one.number), "txid": one.txid, "info": one.address, "amount": canonical(one.amount), "fee": "0",
        "time": one.time_ms // 1000, "status": "Success",
    }  # fmt: skip
