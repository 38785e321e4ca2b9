"""What each simulated venue lists, charges and remembers: grids, fees, start balances and habits."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from venues.simulator.shapes import SymbolSpec

VENUES = ("binance", "bitfinex", "kraken", "okx")
START_PRICES = {"BTC-USDT": Decimal(60000), "ETH-USDT": Decimal(3000), "ETH-BTC": Decimal("0.05")}
START_BALANCES = {"USDT": Decimal(10_000_000), "BTC": Decimal(200), "ETH": Decimal(3000)}

FeeIn = Literal["received", "quote"]
CoidRule = Literal["refuse_while_open", "refuse_ever", "accept"]


@dataclass(frozen=True, slots=True)
class Listing:
    """One venue: `coid_rule` says what a second order with the same client order id meets."""

    venue: str
    taker_fee: Decimal
    maker_fee: Decimal
    fee_in: FeeIn
    coid_rule: CoidRule
    price_offset: Decimal
    specs: dict[str, SymbolSpec]


_Grid = tuple[str | None, str, str, str]  # tick, step, minimum quantity, minimum notional
_DAY_VOLUME = {"BTC-USDT": 24_000, "ETH-USDT": 320_000, "ETH-BTC": 21_000}
_LEVEL_QUANTITY = {"BTC-USDT": ("0.3", "2"), "ETH-USDT": ("6", "40"), "ETH-BTC": ("6", "40")}
_SHARE = {
    "binance": Decimal(1),
    "bitfinex": Decimal("0.12"),
    "kraken": Decimal("0.2"),
    "okx": Decimal("0.5"),
}
_GRIDS: dict[str, dict[str, _Grid]] = {
    "binance": {
        "BTC-USDT": ("0.01", "0.00001", "0.00001", "5"),
        "ETH-USDT": ("0.01", "0.0001", "0.0001", "5"),
        "ETH-BTC": ("0.00001", "0.0001", "0.0001", "0.0001"),
    },
    "bitfinex": {
        "BTC-USDT": (None, "0.00000001", "0.00004", "0"),
        "ETH-USDT": (None, "0.00000001", "0.0006", "0"),
        "ETH-BTC": (None, "0.00000001", "0.0006", "0"),
    },
    "kraken": {
        "BTC-USDT": ("0.1", "0.00000001", "0.00005", "0.5"),
        "ETH-USDT": ("0.01", "0.00000001", "0.001", "0.5"),
        "ETH-BTC": ("0.00001", "0.00000001", "0.001", "0.00002"),
    },
    "okx": {
        "BTC-USDT": ("0.1", "0.00000001", "0.00001", "0"),
        "ETH-USDT": ("0.01", "0.000001", "0.0001", "0"),
        "ETH-BTC": ("0.00001", "0.000001", "0.0001", "0"),
    },
}


def _specs(venue: str) -> dict[str, SymbolSpec]:
    specs = {}
    for symbol, (tick, step, min_quantity, min_notional) in _GRIDS[venue].items():
        base, quote = symbol.split("-")
        low, high = _LEVEL_QUANTITY[symbol]
        specs[symbol] = SymbolSpec(
            symbol=symbol,
            base=base,
            quote=quote,
            tick=None if tick is None else Decimal(tick),
            significant_digits=5 if tick is None else None,
            step=Decimal(step),
            min_quantity=Decimal(min_quantity),
            min_notional=Decimal(min_notional),
            volume_24h=_DAY_VOLUME[symbol] * _SHARE[venue],
            level_quantity=(Decimal(low), Decimal(high)),
        )
    return specs


def _listing(venue: str, fee: str, fee_in: FeeIn, coid_rule: CoidRule, offset: str) -> Listing:
    return Listing(
        venue=venue,
        taker_fee=Decimal(fee),
        maker_fee=Decimal(fee) / 2,
        fee_in=fee_in,
        coid_rule=coid_rule,
        price_offset=Decimal(offset),
        specs=_specs(venue),
    )


LISTINGS = {
    "binance": _listing("binance", "0.001", "received", "refuse_while_open", "0"),
    "bitfinex": _listing("bitfinex", "0.002", "received", "accept", "0.00012"),
    "kraken": _listing("kraken", "0.0026", "quote", "refuse_while_open", "-0.00008"),
    "okx": _listing("okx", "0.001", "received", "refuse_ever", "0.00004"),
}


Right = Literal["read", "trade", "withdraw"]


def secret_of(venue: str, api_key: str) -> str | None:
    """Keys are `sim-<venue>-key` and `sim-<venue>-withdraw`, for further accounts with `-<name>`; None for any other."""
    for kind, secret in (("key", "secret"), ("withdraw", "withdraw-secret")):
        stem = f"sim-{venue}-{kind}"
        if api_key == stem or (api_key.startswith(stem + "-") and len(api_key) > len(stem) + 1):
            return api_key.replace(stem, f"sim-{venue}-{secret}", 1)
    return None


def account_of(venue: str, api_key: str) -> str:
    """Both keys of an account open it under the name of the one that trades."""
    return api_key.replace(f"sim-{venue}-withdraw", f"sim-{venue}-key", 1)


def may(venue: str, api_key: str, right: Right) -> bool:
    """A key that trades does not withdraw, and the other way round; both read."""
    withdraws = api_key.startswith(f"sim-{venue}-withdraw")
    return right == "read" or withdraws == (right == "withdraw")
