"""Unmodified ccxt trades on Rivermouth: its own Binance class, pointed at another address.

Set RIVERMOUTH_URL (http://localhost:8000), RIVERMOUTH_KEY and RIVERMOUTH_SECRET, then: python ccxt_sync.py
"""

from __future__ import annotations

import os

import ccxt

SYMBOL = "BTC/USDT"
GATEWAY = os.environ.get("RIVERMOUTH_URL", "http://localhost:8000") + "/compat/binance/api/v3"


def exchange() -> ccxt.binance:
    """ccxt's Binance, spot only; the three options keep it from asking Binance itself."""
    return ccxt.binance(
        {
            "apiKey": os.environ["RIVERMOUTH_KEY"],
            "secret": os.environ["RIVERMOUTH_SECRET"],
            "urls": {"api": {"public": GATEWAY, "private": GATEWAY}},
            "options": {"fetchCurrencies": False, "fetchMargins": False, "fetchMarkets": {"types": ["spot"]}},
        }
    )


def every_type(bot: ccxt.binance, low: float) -> None:
    """Orders that wait for something: each is told as what it was asked for, and taken back."""
    text = bot.price_to_precision
    wishes = (
        ("limit", "buy", low, {"postOnly": True}, "LIMIT_MAKER"),
        ("market", "sell", None, {"stopLossPrice": low}, "STOP_LOSS"),
        ("limit", "sell", low, {"stopLossPrice": low}, "STOP_LOSS_LIMIT"),
        ("market", "buy", None, {"takeProfitPrice": low}, "TAKE_PROFIT"),
        ("limit", "buy", low, {"takeProfitPrice": low}, "TAKE_PROFIT_LIMIT"),
        ("STOP_LOSS", "sell", None, {"trailingDelta": 500}, "STOP_LOSS"),
        ("limit", "buy", low, {"icebergQty": "0.002"}, "LIMIT"),
    )
    for kind, side, price, params, expected in wishes:
        placed = bot.create_order(SYMBOL, kind, side, 0.01, price, params)
        told = bot.fetch_order(placed["id"], SYMBOL)
        assert (told["status"], told["info"]["type"]) == ("open", expected), told
        wanted = params.get("stopLossPrice") or params.get("takeProfitPrice")
        assert wanted is None or text(SYMBOL, told["triggerPrice"]) == text(SYMBOL, wanted), told
        assert told["info"].get("trailingDelta") == params.get("trailingDelta"), told
        bot.cancel_order(placed["id"], SYMBOL)
    print(f"placed, read and taken back: {', '.join(dict.fromkeys(row[-1] for row in wishes))}, one of them trailing")


def main() -> None:
    """Look at the market, buy, sell, rest an order in the book and take it back."""
    bot = exchange()
    bot.load_markets()
    book, ticker = bot.fetch_order_book(SYMBOL, 5), bot.fetch_ticker(SYMBOL)
    assert book["bids"][0][0] < book["asks"][0][0], "the book is crossed"
    print(f"{SYMBOL}: {ticker['bid']} / {ticker['ask']}, {len(bot.fetch_ohlcv(SYMBOL, '1m'))} candles")
    before = bot.fetch_balance()

    bought = bot.create_order(SYMBOL, "market", "buy", 0.01)
    assert bought["status"] == "closed", bought
    fills = bot.fetch_my_trades(SYMBOL, params={"orderId": bought["id"]})
    assert sum(fill["amount"] for fill in fills) == bought["filled"], fills
    print(f"bought {bought['filled']} at {bought['average']}, fee {fills[0]['fee']}")
    after = bot.fetch_balance()
    assert abs(after["BTC"]["total"] - before["BTC"]["total"] - 0.01) < 1e-9, "the balance knows of it"
    sold = bot.create_order(SYMBOL, "market", "sell", 0.01)
    assert sold["status"] == "closed", sold
    print(f"sold {sold['filled']} at {sold['average']}")

    price = float(bot.price_to_precision(SYMBOL, book["bids"][0][0] * 0.9))
    resting = bot.create_order(SYMBOL, "limit", "buy", 0.01, price)
    assert resting["status"] == "open", resting
    assert resting["id"] in {order["id"] for order in bot.fetch_open_orders(SYMBOL)}
    assert bot.fetch_order(resting["id"], SYMBOL)["price"] == price
    bot.cancel_order(resting["id"], SYMBOL)
    assert bot.fetch_order(resting["id"], SYMBOL)["status"] == "canceled"
    print(f"rested at {price} and was taken back")

    every_type(bot, price)
    for side, params in (("buy", {"timeInForce": "FOK"}), ("sell", {"timeInForce": "IOC"})):
        far = float(bot.price_to_precision(SYMBOL, ticker["last"] * (1.01 if side == "buy" else 0.99)))
        done = bot.create_order(SYMBOL, "limit", side, 0.01, far, params)
        assert (done["status"], done["filled"]) == ("closed", 0.01), done
    for side in ("buy", "sell"):
        spent = bot.create_order(SYMBOL, "market", side, 0, None, {"quoteOrderQty": 200})
        assert spent["status"] == "closed", spent
        assert 198 < spent["cost"] < 202, spent
    print(f"all or nothing, at once, and by an amount of money: {spent['filled']} for {spent['cost']}")

    for wish, expected in (
        ((SYMBOL, "limit", "buy", 1000, price), ccxt.InsufficientFunds),
        ((SYMBOL, "limit", "buy", 0.00001, 1), ccxt.BaseError),
        ((SYMBOL, "limit", "buy", 0.01, ticker["last"] * 1.01, {"postOnly": True}), ccxt.OrderImmediatelyFillable),
        ((SYMBOL, "market", "buy", 0.01, None, {"stopLossPrice": price}), ccxt.OrderImmediatelyFillable),
    ):
        try:
            bot.create_order(*wish)
        except expected as error:
            print(f"refused as expected: {type(error).__name__}")
        else:
            raise AssertionError(wish)
    try:
        bot.cancel_order(resting["id"], SYMBOL)
    except ccxt.OrderNotFound:
        print("nothing left to cancel")
    else:
        raise AssertionError("cancelled twice")


if __name__ == "__main__":
    main()
