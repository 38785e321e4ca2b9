"""OKX's funding calls: currencies with their chains, withdrawals, deposits and addresses. The fee comes on top of the amount.

The simulated account is one wallet: the real venue keeps money for trading and money for withdrawing apart.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from kernel.money import canonical
from venues.simulator.core import VenueCore
from venues.simulator.dialects.numbers import decimal_or_none
from venues.simulator.dialects.okx_auth import OkxError
from venues.simulator.moves import MoveRefused, Rail, SimDeposit, SimWithdrawal

CHAINS = {"bitcoin": "Bitcoin", "ethereum": "ERC20", "tron": "TRC20"}
_OURS = {theirs: ours for ours, theirs in CHAINS.items()}
_STATES = {"pending": "0", "done": "2", "failed": "-1"}
_PAGE = 100
_REFUSALS = {
    "insufficient_funds": ("58350", "Insufficient balance"),
    "below_minimum": ("58206", "Withdrawal amount is less than the lower limit."),
    "network_closed": ("58214", "Withdrawals suspended due to maintenance."),
    "unknown_network": ("58200", "Withdrawal is currently not supported for this currency."),
    "bad_address": ("58222", "Illegal withdrawal address"),
}


class OkxMoves:
    def __init__(self, core: VenueCore) -> None:
        self._moves = core.moves

    def table(self) -> dict[tuple[str, str], Callable[[Any], list[Any]]]:
        return {
            ("GET", "/asset/currencies"): self.currencies,
            ("POST", "/asset/withdrawal"): self.withdraw,
            ("GET", "/asset/withdrawal-history"): self.withdrawals,
            ("GET", "/asset/deposit-history"): self.deposits,
            ("GET", "/asset/deposit-address"): self.addresses,
        }

    def currencies(self, _call: Any) -> list[Any]:
        return [self._chain(rail) for rail in self._moves.rails()]

    def _chain(self, rail: Rail) -> Any:
        return {
            "ccy": rail.asset, "name": rail.asset, "chain": _chain(rail.asset, rail.network),
            "canDep": self._moves.is_open("deposit", rail), "canWd": self._moves.is_open("withdraw", rail), "canInternal": True,
            "minWd": canonical(rail.minimum), "maxWd": "9999999", "minDep": "0", "wdTickSz": str(rail.scale), "mainNet": True,
            "needTag": False, "fee": canonical(self._moves.fee(rail)), "minFee": canonical(self._moves.fee(rail)),
        }  # fmt: skip

    def withdraw(self, call: Any) -> list[Any]:
        item = call.payload if isinstance(call.payload, dict) else {}
        amount, asset = decimal_or_none(item.get("amt")), str(item.get("ccy", ""))
        if amount is None or str(item.get("dest")) != "4":
            raise OkxError("51000", "Parameter amt or dest error")
        address, _, memo = str(item.get("toAddr", "")).partition(":")
        try:
            made = self._moves.withdraw(
                call.account, asset=asset, network=_network(asset, str(item.get("chain", ""))), amount=amount, address=address,
                memo=memo, client_id=item.get("clientId"),
            )  # fmt: skip
        except MoveRefused as refused:
            raise OkxError(*_REFUSALS[refused.kind]) from None
        told = {"amt": canonical(amount), "wdId": str(made.number), "ccy": asset, "clientId": made.client_id or ""}
        return [{**told, "chain": item.get("chain")}]

    def withdrawals(self, call: Any) -> list[Any]:
        query = call.payload
        found = self._moves.sent(call.account, asset=query.get("ccy"), since_ms=_since(query))
        wanted = query.get("clientId")
        return [_withdrawal(one) for one in found if wanted in {None, one.client_id}][:_PAGE]

    def deposits(self, call: Any) -> list[Any]:
        found = self._moves.came(call.account, asset=call.payload.get("ccy"), since_ms=_since(call.payload))
        return [_deposit(one) for one in found][:_PAGE]

    def addresses(self, call: Any) -> list[Any]:
        asset = call.payload.get("ccy")
        return [
            {"ccy": asset, "chain": _chain(asset, rail.network), "to": "6", "selected": True, "ctAddr": "",
             "addr": self._moves.address(call.account, rail.network)}
            for rail in self._moves.rails()
            if rail.asset == asset
        ]  # fmt: skip


def _chain(asset: str, network: str) -> str:
    return f"{asset}-{CHAINS[network]}"


def _network(asset: str, chain: str) -> str:
    return _OURS.get(chain.removeprefix(f"{asset}-"), chain)


def _since(query: dict[str, str]) -> int:
    """`before` means newer than."""
    after = decimal_or_none(query.get("before", "0"))
    return int(after if after is not None else Decimal(0)) + 1


def _withdrawal(one: SimWithdrawal) -> Any:
    return {
        "ccy": one.asset, "chain": _chain(one.asset, one.network), "amt": canonical(one.amount), "ts": str(one.created_ms), "from": "",
        "to": one.address, "memo": one.memo or "", "txId": one.txid if one.state != "failed" else "", "fee": canonical(one.fee),
        "feeCcy": one.asset, "state": _STATES[one.state], "wdId": str(one.number), "clientId": one.client_id or "", "note": "",
    }  # fmt: skip


def _deposit(one: SimDeposit) -> Any:
    return {
        "ccy": one.asset, "chain": _chain(one.asset, one.network), "amt": canonical(one.amount), "ts": str(one.time_ms), "from": "",
        "to": one.address, "memo": one.memo or "", "txId": one.txid, "state": "2", "depId": str(one.number), "fromWdId": "",
        "actualDepBlkConfirm": "12",
    }  # fmt: skip
