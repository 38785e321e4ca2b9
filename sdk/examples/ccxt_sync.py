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

    for wish, expected in (
        ((SYMBOL, "limit", "buy", 1000, price), ccxt.InsufficientFunds),
        ((SYMBOL, "limit", "buy", 0.00001, 1), ccxt.BaseError),
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
