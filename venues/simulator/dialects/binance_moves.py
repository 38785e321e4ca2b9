"""Binance's wallet: coins with their networks, withdrawals, deposits and addresses (`sapi` at the real venue).

The amount of a withdrawal holds the fee, so less arrives than was asked for; the history shows what arrives and the fee beside it.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from kernel.money import canonical, parse_amount
from venues.simulator.core import VenueCore
from venues.simulator.dialects.binance_auth import BinanceError
from venues.simulator.moves import MoveRefused, Rail, SimDeposit, SimWithdrawal

NETWORKS = {"bitcoin": "BTC", "ethereum": "ETH", "tron": "TRX"}
_OURS = {theirs: ours for ours, theirs in NETWORKS.items()}
_STATES = {"pending": 4, "done": 6, "failed": 5}
_REFUSALS = {
    "insufficient_funds": (-4026, "User has insufficient balance"),
    "below_minimum": (-4022, "The withdrawal amount is below the minimum."),
    "network_closed": (-4019, "The current currency is not open for withdrawal"),
    "unknown_network": (-4018, "We don't have this asset"),
    "bad_address": (-4007, "The address is incorrect"),
}
Params = dict[str, str]
Signed = Callable[[str, Params], Any]


class BinanceMoves:
    def __init__(self, core: VenueCore) -> None:
        self._core, self._moves = core, core.moves

    def table(self) -> list[tuple[str, str, Signed]]:
        return [
            ("GET", "capital/config/getall", self.coins),
            ("POST", "capital/withdraw/apply", self.withdraw),
            ("GET", "capital/withdraw/history", self.withdrawals),
            ("GET", "capital/deposit/hisrec", self.deposits),
            ("GET", "capital/deposit/address", self.address),
        ]

    def coins(self, account: str, _params: Params) -> Any:
        balances = self._core.balances(account)
        return [
            {
                "coin": asset, "name": asset, "free": canonical(free), "locked": canonical(locked), "freeze": "0",
                "withdrawing": "0", "ipoing": "0", "ipoable": "0", "storage": "0", "isLegalMoney": False, "trading": True,
                "depositAllEnable": True, "withdrawAllEnable": True,
                "networkList": [self._network(rail) for rail in self._moves.rails() if rail.asset == asset],
            }
            for asset, (free, locked) in balances.items()
        ]  # fmt: skip

    def _network(self, rail: Rail) -> Any:
        fee = self._moves.fee(rail)
        return {
            "coin": rail.asset, "network": NETWORKS[rail.network], "name": rail.network,
            "withdrawIntegerMultiple": canonical(Decimal(1).scaleb(-rail.scale)), "isDefault": True, "busy": False,
            "depositEnable": self._moves.is_open("deposit", rail), "withdrawEnable": self._moves.is_open("withdraw", rail),
            "withdrawFee": canonical(fee), "withdrawMin": canonical(rail.minimum + fee), "withdrawMax": "9999999",
            "minConfirm": 2, "unLockConfirm": 6, "sameAddress": False, "estimatedArrivalTime": 5,
        }  # fmt: skip

    def withdraw(self, account: str, params: Params) -> Any:
        network = self._network_of(params)
        total = parse_amount(params["amount"])
        try:
            rail = self._moves.rail(params["coin"], network)
            made = self._moves.withdraw(
                account, asset=rail.asset, network=network, amount=total - self._moves.fee(rail), address=params["address"],
                memo=params.get("addressTag"), client_id=params.get("withdrawOrderId"),
            )  # fmt: skip
        except MoveRefused as refused:
            raise BinanceError(*_REFUSALS[refused.kind]) from None
        return {"id": f"{made.number:032x}"}

    def withdrawals(self, account: str, params: Params) -> Any:
        wanted = params.get("withdrawOrderId")
        found = self._moves.sent(account, asset=params.get("coin"), since_ms=int(params.get("startTime", 0)))
        return [_withdrawal(one) for one in found if wanted in {None, one.client_id}]

    def deposits(self, account: str, params: Params) -> Any:
        found = self._moves.came(account, asset=params.get("coin"), since_ms=int(params.get("startTime", 0)))
        return [_deposit(one) for one in found]

    def address(self, account: str, params: Params) -> Any:
        address = self._moves.address(account, self._network_of(params))
        return {"coin": params["coin"], "address": address, "tag": "", "url": ""}

    def _network_of(self, params: Params) -> str:
        try:
            return _OURS[params["network"]] if "network" in params else self._default(params["coin"])
        except KeyError:
            raise BinanceError(-4018, "We don't have this asset") from None

    def _default(self, coin: str) -> str:
        return next(rail.network for rail in self._moves.rails() if rail.asset == coin)


def _withdrawal(one: SimWithdrawal) -> Any:
    applied = datetime.fromtimestamp(one.created_ms // 1000, tz=UTC).strftime("%Y-%m-%d %H:%M:%S")
    return {
        "id": f"{one.number:032x}", "amount": canonical(one.amount), "transactionFee": canonical(one.fee), "coin": one.asset,
        "status": _STATES[one.state], "address": one.address, "addressTag": one.memo or "",
        "txId": one.txid if one.state != "failed" else "", "applyTime": applied, "network": NETWORKS[one.network],
        "transferType": 0, "withdrawOrderId": one.client_id or "", "info": "", "confirmNo": 3, "walletType": 0, "txKey": "",
    }  # fmt: skip


def _deposit(one: SimDeposit) -> Any:
    return {
        "id": str(one.number), "amount": canonical(one.amount), "coin": one.asset, "network": NETWORKS[one.network], "status": 1,
        "address": one.address, "addressTag": one.memo or "", "txId": one.txid, "insertTime": one.time_ms, "transferType": 0,
        "unlockConfirm": 6, "confirmTimes": "6/6", "walletType": 0,
    }  # fmt: skip
